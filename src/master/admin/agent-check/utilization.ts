/** How busy the event loops of the ready workers are. Pure. */
import type { LoadView } from "../../supervisor/scaling/load-sample.ts";

/** Workers report once a second. One that is silent for longer is very busy. */
const MAX_AGE_MS = 2_000;
/** Single seconds say little, and a balancer is not to jump with them. */
const WINDOW_MS = 5_000;
/** More often nothing new is known. */
const LEAST_STEP_MS = 500;

export interface UtilizationSample {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** 0 to 1. */
  readonly utilization: number;
}

/** Samples of the last seconds, with one of now if it is time for one. */
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

/** Their mean; of a server of which nothing is known, that it is idle. */
export function meanUtilization(samples: readonly UtilizationSample[]): number {
  return mean(samples.map(({ utilization }) => utilization)) ?? 0;
}

/** Without those that have just become ready and have not reported. */
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
