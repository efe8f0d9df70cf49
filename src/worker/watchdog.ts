import { Worker as Thread } from "node:worker_threads";
import { HEARTBEAT_INTERVAL_MS } from "../shared/ipc-messages.ts";
import type { Logger } from "../shared/logging/logger.ts";
import { ownFile } from "../shared/own-folder.ts";

const THREAD = ownFile("worker/watchdog-thread");

/** `workerData` of the thread. */
export interface WatchdogData {
  /** Time for the worker to exit after its master is gone. */
  readonly leaveWithinMs: number;
  /** Longest time that the main thread may be stuck after that. */
  readonly heartbeatTimeoutMs: number;
  /** A counter that the main thread's event loop increments. */
  readonly beats: Int32Array<SharedArrayBuffer>;
}

/**
 * Starts a thread that runs while the main thread is stuck. It sends the main
 * thread's stacks to the master on request. When the master is gone, it kills
 * the process if the main thread is stuck or does not exit in time. A worker
 * also works without it.
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
    // No environment variables and preloaded modules of the user.
    const options = { workerData: data, env: {}, execArgv: [] };
    const thread = new Thread(THREAD, { ...options, name: "watchdog" });
    thread.on("error", onError);
    thread.unref();
  } catch (error) {
    onError(error);
  }
}
