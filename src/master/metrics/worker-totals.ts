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

export class WorkerTotals {
  readonly #retired = noTotals();
  readonly #live = new Map<number, Totals>();

  record(workerId: number, report: Totals): void {
    const latest = this.#live.get(workerId) ?? noTotals();
    this.#live.set(workerId, latest);
    raiseTotals(latest, report);
  }

  /** The worker has ended. */
  retire(workerId: number): void {
    const latest = this.#live.get(workerId);
    if (!latest) return;
    this.#live.delete(workerId);
    addTotals(this.#retired, latest);
  }

  sum(): Totals {
    const sum = noTotals();
    addTotals(sum, this.#retired);
    for (const latest of this.#live.values()) addTotals(sum, latest);
    return sum;
  }

  /** Requests that a live worker has answered. */
  requestCountOf(workerId: number): number {
    const requests = this.#live.get(workerId)?.histograms.requests ?? {};
    return Object.values(requests).reduce((sum, { count }) => sum + count, 0);
  }
}
