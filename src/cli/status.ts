import type { statusReport } from "../master/status.ts";
import { hostAndPort } from "../shared/host-and-port.ts";

/** What `/status` has. The daemon may be of another version than we are. */
export type Status = ReturnType<typeof statusReport>;

export type WorkerStatus = Status["workers"][number];

/** `http://127.0.0.1:8080`, or `unix:/run/app.sock`. */
export function whereItListens(listening: Status["listening"][number]): string {
  if ("socketPath" in listening) return `unix:${listening.socketPath}`;
  const { host, port, scheme } = listening;
  return `${scheme}://${hostAndPort({ host, port })}`;
}
