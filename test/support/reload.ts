import type { Daemon } from "./daemon.ts";

/** HUP, and waits for a line of the log that says how it went. */
export async function reload(daemon: Daemon, until: string): Promise<void> {
  const since = daemon.logs.length;
  daemon.signal("SIGHUP");
  await daemon.waitForLog(until, { since, timeoutMs: 40_000 });
}
