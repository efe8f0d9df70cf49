import type { Daemon } from "./daemon.ts";

/** Sends HUP and waits for the log line with the result. */
export async function reload(daemon: Daemon, until: string): Promise<void> {
  const since = daemon.logs.length;
  daemon.signal("SIGHUP");
  await daemon.waitForLog(until, { since, timeoutMs: 40_000 });
}
