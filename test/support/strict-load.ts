import type { Daemon } from "./daemon.ts";
import { startStrictClient } from "./strict-client.ts";

const UPLOAD_BYTES = 1024 * 1024;

export interface LoadOptions {
  readonly connections?: number;
  readonly keepAlive?: boolean;
  readonly maxPauseMs?: number;
}

/**
 * The load that no reload may lose a request of: quick requests, some of
 * 300 ms, some uploads of 1 MiB, with random pauses. For fixtures/load-app.js.
 */
export function startStrictLoad(daemon: Daemon, options: LoadOptions = {}) {
  const { connections = 32, keepAlive = true, maxPauseMs = 200 } = options;
  return startStrictClient({
    ...daemon.address,
    connections,
    keepAlive,
    pauseMs: { min: 0, max: maxPauseMs },
    requestTimeoutMs: 15_000,
    mix: [
      { method: "GET", path: "/", weight: 8 },
      { method: "GET", path: "/slow/300", weight: 1 },
      {
        method: "POST",
        path: "/upload",
        body: UPLOAD_BYTES,
        weight: 1,
        check: ({ body }) => {
          const said = body.toString();
          return said === `{"bytes":${UPLOAD_BYTES}}` ? undefined : said;
        },
      },
    ],
  });
}
