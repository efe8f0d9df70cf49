import type { LoadSample } from "./autoscale.ts";
import type { WorkerView } from "./worker-state.ts";

/** Workers report once a second: one that is silent for longer is not known. */
const MAX_AGE_MS = 2_000;

export interface LoadView extends WorkerView {
  readonly gauges: { readonly eventLoopUtilization: number };
}

/**
 * How busy the ready workers are, by what they reported last. Those that have
 * not reported since they became ready, or not lately, do not count.
 *
 * @returns undefined where nothing is known
 */
export function loadSample(
  workers: readonly LoadView[],
  now: number,
): LoadSample | undefined {
  const ready = workers.filter(({ state }) => state === "ready");
  const heard = ready.filter(({ lastHeartbeatAt, readyAt }) => {
    const hasReported = lastHeartbeatAt > (readyAt ?? lastHeartbeatAt);
    return hasReported && now - lastHeartbeatAt <= MAX_AGE_MS;
  });
  if (heard.length === 0) return undefined;
  const sum = heard.reduce((total, { gauges }) => {
    return total + gauges.eventLoopUtilization;
  }, 0);
  const isComplete = heard.length === ready.length;
  return { at: now, utilization: sum / heard.length, isComplete };
}
