/**
 * All counts for `/metrics`: by the workers, by this master, and by earlier
 * masters.
 */

import type { WorkerMessage } from "../../shared/ipc-messages.ts";
import { lostLogLines } from "../../shared/logging/bounded-output.ts";
import type { AppMetricsPush } from "../../shared/metrics/app-metrics.ts";
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
import { retirableSeries } from "./app/retirable-series.ts";
import {
  WorkerAppMetrics,
  type WorkerFamily,
} from "./app/worker-app-metrics.ts";

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

  onAppMetrics({ id, settings }: WorkerHandle, push: AppMetricsPush): void {
    this.#workers.recordApp(id, settings.metrics.maxSeries, push);
  }

  /** The metrics of the app in a live worker. */
  appFamiliesOf({ id }: WorkerHandle): readonly WorkerFamily[] {
    return this.#workers.appFamiliesOf(id);
  }

  onGone({ id, slot, cpuSeconds }: WorkerHandle): void {
    const leftOut = this.#workers.retire(id);
    if (leftOut > 0) {
      this.#counters.count("appMetricsRefused", "series_limit", leftOut);
    }
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

/**
 * Series of dead workers' apps that are kept, as a multiple of those that one
 * worker may have: releases may have different ones.
 */
const MAX_RETIRED = 4;

interface LiveWorker {
  readonly totals: Totals;
  requestCount: number;
  app: WorkerAppMetrics | undefined;
  maxAppSeries: number;
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
    const live = this.#liveWorker(workerId);
    const changed = Object.keys(report.histograms.requests ?? {});
    const before = requestsIn(live.totals, changed);
    raiseTotals(live.totals, report);
    live.requestCount += requestsIn(live.totals, changed) - before;
  }

  recordApp(workerId: number, maxSeries: number, push: AppMetricsPush): void {
    const live = this.#liveWorker(workerId);
    live.maxAppSeries = maxSeries;
    live.app ??= new WorkerAppMetrics(live.totals, maxSeries);
    live.app.apply(push);
  }

  appFamiliesOf(workerId: number): readonly WorkerFamily[] {
    return this.#live.get(workerId)?.app?.families ?? [];
  }

  /**
   * Moves the counts of an exited worker to `retired`.
   *
   * @returns how many series of the app had no room there
   */
  retire(workerId: number): number {
    const live = this.#live.get(workerId);
    if (!live) return 0;
    this.#live.delete(workerId);
    const { totals, leftOut } = retirableSeries(live.totals, {
      retired: this.#retired,
      maxSeries: MAX_RETIRED * live.maxAppSeries,
    });
    addTotals(this.#retired, totals);
    return leftOut;
  }

  #liveWorker(workerId: number): LiveWorker {
    const live = this.#live.get(workerId) ?? newLiveWorker();
    this.#live.set(workerId, live);
    return live;
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
  return {
    totals: noTotals(),
    requestCount: 0,
    app: undefined,
    maxAppSeries: 0,
  };
}

function requestsIn({ histograms }: Totals, keys: readonly string[]): number {
  const { requests = {} } = histograms;
  return keys.reduce((sum, key) => sum + (requests[key]?.count ?? 0), 0);
}
