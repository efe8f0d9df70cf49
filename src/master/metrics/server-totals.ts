/**
 * All counts for `/metrics`: by the workers, by this master, and by earlier
 * masters.
 */

import type { WorkerMessage } from "../../shared/ipc-messages.ts";
import { lostLogLines } from "../../shared/logging/bounded-output.ts";
import { Counters } from "../../shared/metrics/counters.ts";
import {
  fromHandover,
  type HandoverTotals,
  toHandover,
} from "../../shared/metrics/handover-totals.ts";
import {
  addTotals,
  noTotals,
  raiseTotals,
  type Totals,
} from "../../shared/metrics/totals.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";

type Report = Extract<WorkerMessage, { report: unknown }>;

export class ServerTotals {
  readonly #counters: Counters;
  readonly #workers = new WorkerTotals();
  #inherited = noTotals();

  /** @param counters the events that this master counts */
  constructor(counters: Counters) {
    this.#counters = counters;
  }

  onReport(worker: WorkerHandle, message: Report): void {
    const { gauges, totals, checks } = message.report;
    this.#workers.record(worker.id, totals);
    const requestCount = this.#workers.requestCountOf(worker.id);
    worker.recordStats({ gauges, checks, requestCount });
  }

  onGone({ id, slot, cpuSeconds }: WorkerHandle): void {
    this.#workers.retire(id);
    this.#counters.count("cpuSeconds", String(slot), cpuSeconds);
  }

  /**
   * Called repeatedly until the workers of the outgoing master have exited. The
   * totals are complete each time, so they replace earlier ones.
   */
  inherit(totals: HandoverTotals): void {
    this.#inherited = fromHandover(totals);
  }

  /** @param workers live workers, whose CPU time is not in the counters yet */
  sum(workers: readonly WorkerHandle[]): Totals {
    const sum = this.#workers.sum();
    addTotals(sum, this.#inherited);
    addTotals(sum, this.#counters.totals());
    addTotals(sum, liveTotals(workers));
    return sum;
  }

  /** Totals for the incoming master. */
  handover(workers: readonly WorkerHandle[]): HandoverTotals {
    return toHandover(this.sum(workers));
  }
}

/** CPU time of live workers and the number of lost log lines, as of now. */
function liveTotals(workers: readonly WorkerHandle[]): Totals {
  const live = new Counters();
  for (const { slot, cpuSeconds } of workers) {
    live.count("cpuSeconds", String(slot), cpuSeconds);
  }
  live.add("lostLogLines", lostLogLines());
  return live.totals();
}

interface LiveWorker {
  readonly totals: Totals;
  requestCount: number;
}

/**
 * Counts of all workers, including exited ones: `retired + Σ live`. The last
 * report of a worker is added to `retired` exactly once, so no counter
 * decreases when a worker exits, and a scrape never waits for one.
 */
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

  /** Moves the counts of an exited worker to `retired`. */
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
