import { exactSeconds } from "../../shared/metrics/exact-seconds.ts";
import type {
  WorkerHandle,
  WorkerUsage,
} from "../supervisor/workers/worker-handle.ts";

type OnUsage = (worker: WorkerHandle, usage: WorkerUsage) => void;

/**
 * After this time without a call, pidusage closes its descriptor of a process.
 * With its default of over a minute, short-lived workers would fill the
 * master's descriptor table, and a pid could be reused before then.
 */
const FORGET_AFTER_MS = 5_000;

/**
 * Reads memory and CPU time of worker processes from outside, so that it also
 * works for a worker that hangs.
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
    // The worker has exited; its last figures stay.
  }
}
