import type { WorkerView } from "../workers/worker-state.ts";
import type { LoadSample } from "./autoscale.ts";

/** Workers report once a second: one that is silent for longer is not known. */
const MAX_AGE_MS = 2_000;

/** How long it is not yet a wonder that a worker has not reported. */
const FIRST_REPORT_MS = 2_000;

export interface LoadView extends WorkerView {
  readonly gauges: { readonly eventLoopUtilization: number };
}

/**
 * How busy the ready workers are, by what they reported last. Those that were
 * not heard of lately do not count.
 *
 * @returns undefined where nothing is known, or is about to be: a worker that
 *   has just become ready has no history
 */
export function loadSample(
  workers: readonly LoadView[],
  now: number,
): LoadSample | undefined {
  const ready = workers.filter(({ state }) => state === "ready");
  const mute = ready.filter(({ lastHeartbeatAt, readyAt }) => {
    return lastHeartbeatAt <= (readyAt ?? lastHeartbeatAt);
  });
  const areNew = mute.some(
    ({ readyAt = 0 }) => now - readyAt < FIRST_REPORT_MS,
  );
  const heard = ready.filter((worker) => {
    return !mute.includes(worker) && now - worker.lastHeartbeatAt <= MAX_AGE_MS;
  });
  if (areNew || heard.length === 0) return undefined;
  const sum = heard.reduce((total, { gauges }) => {
    return total + gauges.eventLoopUtilization;
  }, 0);
  const isComplete = heard.length === ready.length;
  return { at: now, utilization: sum / heard.length, isComplete };
}
