import type { Daemon } from "./daemon.ts";
import {
  type StrictClientOptions,
  startStrictClient,
} from "./strict-client.ts";

const UPLOAD_BYTES = 1024 * 1024;

export interface LoadOptions
  extends Partial<Omit<StrictClientOptions, "pauseMs" | "mix">> {
  readonly maxPauseMs?: number;
}

/**
 * Load of which a reload must not lose a request: quick requests, some that
 * take 300 ms, and uploads of 1 MiB, with random pauses. For
 * fixtures/load-app.js and fixtures/traced-app.js.
 */
export function startStrictLoad(
  daemon: Pick<Daemon, "address">,
  { maxPauseMs = 200, ...options }: LoadOptions = {},
) {
  return startStrictClient({
    ...daemon.address,
    connections: 32,
    keepAlive: true,
    requestTimeoutMs: 15_000,
    ...options,
    pauseMs: { min: 0, max: maxPauseMs },
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
