import type { Status } from "./status.ts";
import type { Rates } from "./status-text.ts";

/** What the workers did between two looks; a new one began with nothing. */
export function ratesBetween(
  before: Status,
  now: Status,
  seconds: number,
): Rates {
  const old = new Map(before.workers.map((worker) => [worker.pid, worker]));
  const perSecond = (of: (worker: Status["workers"][number]) => number) => {
    return new Map(
      now.workers.map((worker) => {
        const earlier = old.get(worker.pid);
        const change = of(worker) - (earlier ? of(earlier) : 0);
        return [worker.pid, Math.max(0, change) / seconds];
      }),
    );
  };
  return {
    requestsPerSecond: perSecond(({ requests }) => requests),
    cpuShare: perSecond(({ cpuSeconds }) => cpuSeconds),
  };
}
