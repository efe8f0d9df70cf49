import { Worker as Thread } from "node:worker_threads";
import type { Logger } from "../shared/logger.ts";
import { ownFile } from "../shared/own-folder.ts";

const THREAD = ownFile("worker/watchdog-thread");

/** How long a worker has to leave when its master is gone. */
export interface WatchdogData {
  readonly leaveWithinMs: number;
}

/**
 * Starts the thread that goes on where the main thread is stuck: it tells the
 * master what that does, and ends the process when the master is gone and the
 * process is not by `leaveWithinMs`. A worker serves without it as well.
 */
export function startWatchdog(data: WatchdogData, logger: Logger): void {
  const onError = (error: unknown) => {
    logger.warn({ err: error }, "no watchdog");
  };
  try {
    // Nothing of the user's: no preloaded modules, no variables.
    const options = { workerData: data, env: {}, execArgv: [] };
    const thread = new Thread(THREAD, { ...options, name: "watchdog" });
    thread.on("error", onError);
    thread.unref();
  } catch (error) {
    onError(error);
  }
}
