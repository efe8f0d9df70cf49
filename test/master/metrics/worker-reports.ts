import type {
  WorkerHandle,
  WorkerStats,
} from "../../../src/master/supervisor/workers/worker-handle.ts";
import {
  Histogram,
  type HistogramValues,
} from "../../../src/shared/metrics/histogram.ts";
import {
  type RequestLabels,
  requestKey,
} from "../../../src/shared/metrics/request-labels.ts";
import {
  addTotals,
  noTotals,
  type Totals,
} from "../../../src/shared/metrics/totals.ts";
import type {
  CheckReport,
  WorkerReport,
} from "../../../src/shared/metrics/worker-report.ts";

type Series = Record<string, HistogramValues>;

/** Totals of nothing but the given figures. */
export function totalsOf(given: {
  readonly numbers?: Record<string, number>;
  readonly labelled?: Record<string, Record<string, number>>;
  readonly requests?: Series;
  readonly eventLoopDelay?: HistogramValues;
}): Totals {
  const { numbers = {}, labelled = {}, requests, eventLoopDelay } = given;
  const histograms = {
    ...(requests && { requests }),
    ...(eventLoopDelay && { eventLoopDelay: { "": eventLoopDelay } }),
  };
  const totals = noTotals();
  addTotals(totals, { numbers, labelled, histograms });
  return totals;
}

/** Requests of one route, method and status that took these seconds. */
export function seriesOf(
  labels: RequestLabels,
  seconds: readonly number[],
): Series {
  return { [requestKey(labels)]: histogramOf(...seconds) };
}

/** Replaces the given figures of a worker; the others stay. */
export function setStats(
  worker: WorkerHandle,
  given: Partial<WorkerStats>,
): void {
  const { gauges, checks, requestCount } = worker;
  worker.recordStats({ gauges, checks, requestCount, ...given });
}

export function histogramOf(...seconds: readonly number[]): HistogramValues {
  const histogram = new Histogram();
  for (const each of seconds) histogram.observe(each);
  return histogram.values();
}

/** The report of an idle worker. */
export function quietReport(checks: readonly CheckReport[] = []): WorkerReport {
  const gauges = {
    openConnections: 0,
    idleConnections: 0,
    activeRequests: 0,
    eventLoopUtilization: 0,
  };
  return { gauges, totals: noTotals(), checks };
}
