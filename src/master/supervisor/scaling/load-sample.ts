import type { WorkerView } from "../workers/worker-state.ts";
import type { LoadSample } from "./autoscale.ts";

/** Workers report once a second; older reports are ignored. */
const MAX_AGE_MS = 2_000;

/** Time in which the first report of a ready worker is due. */
const FIRST_REPORT_MS = 2_000;

export interface LoadView extends WorkerView {
  readonly gauges: { readonly eventLoopUtilization: number };
}

/**
 * The utilization of the ready workers, by their last reports. Workers without
 * a recent report do not count.
 *
 * @returns undefined without any recent report, or while the first report of a
 *   worker that has just become ready is due
 */
export function loadSample(
  workers: readonly LoadView[],
  now: number,
): LoadSample | undefined {
  const ready = workers.filter(({ state }) => state === "ready");
  const unreported = ready.filter(({ lastHeartbeatAt, readyAt }) => {
    return lastHeartbeatAt <= (readyAt ?? lastHeartbeatAt);
  });
  const areNew = unreported.some(
    ({ readyAt = 0 }) => now - readyAt < FIRST_REPORT_MS,
  );
  const heard = ready.filter((worker) => {
    return (
      !unreported.includes(worker) && now - worker.lastHeartbeatAt <= MAX_AGE_MS
    );
  });
  if (areNew || heard.length === 0) return undefined;
  const sum = heard.reduce((total, { gauges }) => {
    return total + gauges.eventLoopUtilization;
  }, 0);
  const isComplete = heard.length === ready.length;
  return { at: now, utilization: sum / heard.length, isComplete };
}
