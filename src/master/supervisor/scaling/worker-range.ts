import { availableParallelism } from "node:os";
import type { Settings } from "../../../shared/config/settings.ts";
import { cpuQuota } from "../../host/cpu-quota.ts";

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
