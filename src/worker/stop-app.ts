/** The end of an app or a program, once its requests are answered. */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../shared/logging/logger.ts";
import { loggable } from "../shared/thrown-value.ts";
import type { App } from "./app/app.ts";

export interface StopOptions {
  readonly app: App;
  readonly logger: Logger;
  readonly timeoutMs: number;
  /** Sends the signal to a program's handlers, and waits for its end. */
  readonly terminate: () => Promise<void>;
  /** Longest wait for the end after the signal. */
  readonly terminateTimeoutMs: number;
}

/** Runs the stop hooks, then tells the program; both within the time-out. */
export async function stopApp(options: StopOptions): Promise<void> {
  const { app, logger, timeoutMs, terminate, terminateTimeoutMs } = options;
  app.checks.stop();
  const isLate = delay(timeoutMs, "late", { ref: false });
  const ended = await Promise.race([app.lifecycle.stop(), isLate]);
  if (ended === "late") {
    logger.error({ timeoutMs }, "onStop() took too long");
    return;
  }
  for (const error of ended) {
    logger.error({ err: loggable(error) }, "onStop() failed");
  }
  const isSlow = delay(terminateTimeoutMs, "late", { ref: false });
  const terminated = terminate().then(() => "ended");
  if ((await Promise.race([terminated, isLate, isSlow])) !== "late") return;
  logger.warn("the program did not end after its signal");
}
