import { exactSeconds } from "../../shared/metrics/exact-seconds.ts";
import type {
  WorkerHandle,
  WorkerUsage,
} from "../supervisor/workers/worker-handle.ts";

type OnUsage = (worker: WorkerHandle, usage: WorkerUsage) => void;

/**
 * How long pidusage keeps the descriptor of a process that it is not asked for
 * any more. By default it is over a minute: workers that come and go would fill
 * the master's table of descriptors, and a new process may have the pid by then.
 */
const FORGET_AFTER_MS = 5_000;

/**
 * Reads memory and CPU time of worker processes from the outside, so that one
 * that hangs is measured too.
 */
export async function readUsage(
  workers: readonly WorkerHandle[],
  onUsage: OnUsage,
): Promise<void> {
  await Promise.all(workers.map((worker) => readOne(worker, onUsage)));
}

async function readOne(worker: WorkerHandle, onUsage: OnUsage): Promise<void> {
  if (worker.pid === 0) return;
  try {
    const { default: pidusage } = await import("pidusage");
    const { memory, ctime } = await pidusage(worker.pid, {
      maxage: FORGET_AFTER_MS,
    });
    const cpuSeconds = exactSeconds(ctime / 1000);
    onUsage(worker, { memoryBytes: memory, cpuSeconds });
  } catch {
    // It has gone meanwhile: the last figures stand.
  }
}
