/**
 * A thread that tells when the next requests are due. Timers of an event loop
 * are late by up to a millisecond, which is more than what is measured.
 */
import { parentPort, workerData } from "node:worker_threads";

const { originMs, intervalMs } = workerData;
const nothing = new Int32Array(new SharedArrayBuffer(4));

for (let due = 0; ; due++) {
  const waitMs = originMs + due * intervalMs - nowMs();
  // Nobody wakes it: it waits until the time is over.
  if (waitMs > 0) Atomics.wait(nothing, 0, 0, waitMs);
  parentPort.postMessage(due);
}

/** The same in all threads. */
function nowMs() {
  return performance.timeOrigin + performance.now();
}
