/**
 * Decides the number of workers by the utilization of their event loops. Pure
 * functions of samples and their times.
 *
 * A constant load never makes the number oscillate: it grows if n workers are
 * busier than the upper mark, and shrinks only if n - 1 workers would be less
 * busy than the lower mark, which is not above the upper one.
 */

import { availableParallelism } from "node:os";
import type { Settings } from "../../../shared/config/settings.ts";
import { cpuQuota } from "../../host/cpu-quota.ts";
import type { WorkerView } from "../workers/worker-state.ts";

export interface AutoscaleRules {
  readonly min: number;
  readonly max: number;
  readonly marks: Settings["autoscale"];
}

export interface LoadView extends WorkerView {
  readonly gauges: { readonly eventLoopUtilization: number };
}

/** Utilization of the ready workers at one time. */
export interface LoadSample {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Mean of the workers that have reported recently, 0 to 1. */
  readonly utilization: number;
  /** Whether all ready workers have reported recently. */
  readonly isComplete: boolean;
}

/** Observations since the number of workers last changed. */
export interface LoadMemory {
  /** Oldest first; they cover `upAfterMs`. */
  readonly samples: readonly LoadSample[];
  /** Start of the period in which one worker fewer would suffice. */
  readonly lowSince: number | undefined;
}

export interface ScaleDecision {
  readonly workers: number;
  readonly why: "busy" | "idle";
  /** The mean on which the decision is based. */
  readonly utilization: number;
}

export const NOTHING_SEEN: LoadMemory = { samples: [], lowSince: undefined };

/** Workers report once a second; older reports are ignored. */
const MAX_AGE_MS = 2_000;

/** The first report of a ready worker is due within this time. */
const FIRST_REPORT_MS = 2_000;

/** After a longer gap between samples, older ones are dropped. */
const MAX_GAP_MS = 3_000;

/**
 * Utilization of the ready workers, by their last reports. Workers without a
 * recent report do not count.
 *
 * @returns undefined without any recent report, or while the first report of a
 * worker that has just become ready is due
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

/** Adds a sample. */
export function remember(
  memory: LoadMemory,
  sample: LoadSample,
  { workers, rules }: { workers: number; rules: AutoscaleRules },
): LoadMemory {
  const { upAfterMs, downUtilization } = rules.marks;
  const last = memory.samples.at(-1);
  const isGap = last !== undefined && sample.at - last.at > MAX_GAP_MS;
  const { samples: before, lowSince } = isGap ? NOTHING_SEEN : memory;
  const samples = [...before, sample];
  // The oldest kept sample is as old as the window, or slightly older.
  const isOld = (at = Number.POSITIVE_INFINITY) => sample.at - at >= upAfterMs;
  while (isOld(samples[1]?.at)) samples.shift();
  const mean = meanOf(samples, rules);
  const isLow =
    mean !== undefined &&
    sample.isComplete &&
    (mean * workers) / (workers - 1) < downUtilization;
  return { samples, lowSince: isLow ? (lowSince ?? sample.at) : undefined };
}

/** The new number of workers; undefined if it stays. */
export function decide(
  memory: LoadMemory,
  workers: number,
  rules: AutoscaleRules,
): ScaleDecision | undefined {
  const { min, max, marks } = rules;
  const utilization = meanOf(memory.samples, rules);
  const now = memory.samples.at(-1)?.at;
  if (utilization === undefined || now === undefined) return undefined;
  if (utilization > marks.upUtilization && workers < max) {
    // Number of workers that would bring the load to the mark. Saturated event
    // loops hide the rest of the load, so several such steps may be needed.
    const atMark = Math.ceil((workers * utilization) / marks.upUtilization);
    return { workers: Math.min(atMark, max), why: "busy", utilization };
  }
  const { lowSince } = memory;
  if (lowSince === undefined || workers <= min) return undefined;
  if (now - lowSince < marks.downAfterMs) return undefined;
  return { workers: workers - 1, why: "idle", utilization };
}

/** Mean utilization; undefined until the samples cover the window. */
export function meanOf(
  samples: readonly LoadSample[],
  { marks }: AutoscaleRules,
): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return undefined;
  if (last.at - first.at < marks.upAfterMs) return undefined;
  const sum = samples.reduce(
    (total, { utilization }) => total + utilization,
    0,
  );
  return sum / samples.length;
}

/** Bounds on the number of workers; without autoscaling they are equal. */
export interface WorkerRange {
  readonly min: number;
  readonly max: number;
}

export function workerRange({ workers }: Settings): WorkerRange {
  if (typeof workers === "object") {
    const { min } = workers;
    const max = workers.max === "cores" ? availableCpus() : workers.max;
    return { min, max: Math.max(min, max) };
  }
  const count = workers === "cores" ? availableCpus() : workers;
  return { min: count, max: count };
}

/** The nearest number in the range. */
export function within({ min, max }: WorkerRange, workers: number): number {
  return Math.min(max, Math.max(min, workers));
}

/**
 * The meaning of `"cores"`: the CPUs that this process may run on, limited by
 * the quota of its control group, rounded down, at least 1. Node.js 20 ignores
 * quotas, and later versions differ for quotas below one CPU.
 */
export function availableCpus(
  cores = availableParallelism(),
  quota = cpuQuota() ?? cores,
): number {
  return Math.max(1, Math.min(cores, Math.floor(quota)));
}
