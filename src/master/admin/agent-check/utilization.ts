/** Utilization of the event loops of the ready workers. Pure. */
import type { LoadView } from "../../supervisor/scaling/autoscale.ts";

/** Workers report once a second; a worker that is later is fully busy. */
const MAX_AGE_MS = 2_000;
/** Samples are averaged over this time, so that the weight does not jump. */
const WINDOW_MS = 5_000;
/** Workers do not report more often than this. */
const LEAST_STEP_MS = 500;

export interface UtilizationSample {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** 0 to 1. */
  readonly utilization: number;
}

/** The samples of the window, and a present one if the last is old enough. */
export function withSampleOf(
  before: readonly UtilizationSample[],
  workers: readonly LoadView[],
  now: number,
): readonly UtilizationSample[] {
  const last = before.at(-1);
  if (last && now - last.at < LEAST_STEP_MS) return before;
  const utilization = mean(utilizationsOf(workers, now));
  const samples = before.filter(({ at }) => now - at < WINDOW_MS);
  return utilization === undefined
    ? samples
    : [...samples, { at: now, utilization }];
}

/** 0 where there is no sample. */
export function meanUtilization(samples: readonly UtilizationSample[]): number {
  return mean(samples.map(({ utilization }) => utilization)) ?? 0;
}

/** Skips workers that have not reported since they became ready. */
function utilizationsOf(workers: readonly LoadView[], now: number): number[] {
  return workers.flatMap(({ state, readyAt, lastHeartbeatAt, gauges }) => {
    if (state !== "ready") return [];
    if (now - lastHeartbeatAt > MAX_AGE_MS) return [1];
    const hasReported = lastHeartbeatAt > (readyAt ?? 0);
    return hasReported ? [gauges.eventLoopUtilization] : [];
  });
}

function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
