import { Worker as Thread } from "node:worker_threads";
import { HEARTBEAT_INTERVAL_MS } from "../shared/ipc-messages.ts";
import type { Logger } from "../shared/logging/logger.ts";
import { ownFile } from "../shared/own-folder.ts";

const THREAD = ownFile("worker/watchdog-thread");

/** `workerData` of the thread. */
export interface WatchdogData {
  /** How long the worker has to leave when its master is gone. */
  readonly leaveWithinMs: number;
  /** How long its main thread may be stuck then. */
  readonly heartbeatTimeoutMs: number;
  /** Its only number changes as long as the main thread's event loop turns. */
  readonly beats: Int32Array<SharedArrayBuffer>;
}

/**
 * Starts the thread that goes on where the main thread is stuck: it tells the
 * master what that does, and ends the process when the master is gone and the
 * main thread is stuck, or has not left in time. A worker serves without it as
 * well.
 */
export function startWatchdog(
  limits: Omit<WatchdogData, "beats">,
  logger: Logger,
): void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const data: WatchdogData = { ...limits, beats };
  setInterval(() => Atomics.add(beats, 0, 1), HEARTBEAT_INTERVAL_MS).unref();
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
