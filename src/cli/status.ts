import type { statusReport } from "../master/admin/status.ts";
import { hostAndPort } from "../shared/host-and-port.ts";

/** What `/status` has. The daemon may be of another version than we are. */
export type Status = ReturnType<typeof statusReport>;

export type WorkerStatus = Status["workers"][number];

/** Undefined where it is none, as from something that is no daemon. */
export function readStatus(body: string): Status | undefined {
  try {
    const status: Partial<Status> | null = JSON.parse(body);
    const isStatus =
      Number.isSafeInteger(status?.pid) &&
      Number(status?.pid) > 0 &&
      Array.isArray(status?.workers) &&
      Array.isArray(status?.listening) &&
      typeof status?.upgrade?.state === "string";
    return isStatus ? (status as Status) : undefined;
  } catch {
    return undefined;
  }
}

/** `http://127.0.0.1:8080`, or `unix:/run/app.sock`. */
export function whereItListens(listening: Status["listening"][number]): string {
  if ("socketPath" in listening) return `unix:${listening.socketPath}`;
  const { host, port, scheme } = listening;
  return `${scheme}://${hostAndPort({ host, port })}`;
}
