/**
 * Counts of all workers, including those that left: `retired + Σ live`. The
 * last report of a worker is added to `retired` exactly once, so no counter
 * falls when a worker leaves, and a scrape never waits for one.
 */
import {
  addTotals,
  noTotals,
  raiseTotals,
  type Totals,
} from "../../shared/metrics/totals.ts";

interface LiveWorker {
  readonly totals: Totals;
  requestCount: number;
}

export class WorkerTotals {
  readonly #retired = noTotals();
  readonly #live = new Map<number, LiveWorker>();

  record(workerId: number, report: Totals): void {
    const live = this.#live.get(workerId) ?? newLiveWorker();
    this.#live.set(workerId, live);
    const changed = Object.keys(report.histograms.requests ?? {});
    const before = requestsIn(live.totals, changed);
    raiseTotals(live.totals, report);
    live.requestCount += requestsIn(live.totals, changed) - before;
  }

  /** The worker has ended. */
  retire(workerId: number): void {
    const live = this.#live.get(workerId);
    if (!live) return;
    this.#live.delete(workerId);
    addTotals(this.#retired, live.totals);
  }

  sum(): Totals {
    const sum = noTotals();
    addTotals(sum, this.#retired);
    for (const { totals } of this.#live.values()) addTotals(sum, totals);
    return sum;
  }

  /** Requests that a live worker has answered. */
  requestCountOf(workerId: number): number {
    return this.#live.get(workerId)?.requestCount ?? 0;
  }
}

function newLiveWorker(): LiveWorker {
  return { totals: noTotals(), requestCount: 0 };
}

function requestsIn({ histograms }: Totals, keys: readonly string[]): number {
  const { requests = {} } = histograms;
  return keys.reduce((sum, key) => sum + (requests[key]?.count ?? 0), 0);
}
