import type { statusReport } from "../../master/admin/status-report.ts";
import { hostAndPort } from "../../shared/addresses/listen-address.ts";

/** `/status` of a daemon, which may run another version of Remuda. */
export type DaemonStatus = ReturnType<typeof statusReport>;

export type WorkerStatus = DaemonStatus["workers"][number];

/** Undefined if the body is not a status: not every server is a daemon. */
export function readStatus(body: string): DaemonStatus | undefined {
  try {
    const status: Partial<DaemonStatus> | null = JSON.parse(body);
    const isStatus =
      Number.isSafeInteger(status?.pid) &&
      Number(status?.pid) > 0 &&
      Array.isArray(status?.workers) &&
      Array.isArray(status?.listening) &&
      typeof status?.upgrade?.state === "string";
    return isStatus ? (status as DaemonStatus) : undefined;
  } catch {
    return undefined;
  }
}

/** `http://127.0.0.1:8080`, or `unix:/run/app.sock`. */
export function whereItListens(
  listening: DaemonStatus["listening"][number],
): string {
  if ("socketPath" in listening) return `unix:${listening.socketPath}`;
  const { host, port, scheme } = listening;
  return `${scheme}://${hostAndPort({ host, port })}`;
}
