import type { Settings } from "../../../shared/config/settings.ts";
import { availableCpus } from "../../host/available-cpus.ts";

/** Between which numbers of workers the master may choose; often they are one. */
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
