import type { DaemonStatus, WorkerStatus } from "../daemon/daemon-status.ts";

/** Rates of the workers, by their pids. */
export interface WorkerRates {
  readonly requestsPerSecond: ReadonlyMap<number, number>;
  /** 1 is one core. */
  readonly cpuShare: ReadonlyMap<number, number>;
}

/** The rates between two readings; a new worker began at 0. */
export function workerRates(
  before: DaemonStatus,
  now: DaemonStatus,
  seconds: number,
): WorkerRates {
  const old = new Map(before.workers.map((worker) => [worker.pid, worker]));
  const perSecond = (total: (worker: WorkerStatus) => number) => {
    return new Map(
      now.workers.map((worker) => {
        const earlier = old.get(worker.pid);
        const change = total(worker) - (earlier ? total(earlier) : 0);
        return [worker.pid, Math.max(0, change) / seconds];
      }),
    );
  };
  return {
    requestsPerSecond: perSecond(({ requests }) => requests),
    cpuShare: perSecond(({ cpuSeconds }) => cpuSeconds),
  };
}
