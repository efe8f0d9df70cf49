import pidusage from "pidusage";
import { exactSeconds } from "../shared/metrics/exact-seconds.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/**
 * Reads memory and CPU time of worker processes from the outside, so that one
 * that hangs is measured too.
 */
export async function readUsage(
  workers: readonly WorkerHandle[],
): Promise<void> {
  await Promise.all(workers.map(readOne));
}

async function readOne(worker: WorkerHandle): Promise<void> {
  if (worker.pid === 0) return;
  try {
    const { memory, ctime } = await pidusage(worker.pid);
    worker.memoryBytes = memory;
    const cpuSeconds = exactSeconds(ctime / 1000);
    worker.cpuSeconds = Math.max(worker.cpuSeconds, cpuSeconds);
  } catch {
    // It has gone meanwhile: the last figures stand.
  }
}
