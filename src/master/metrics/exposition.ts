/** The text of `/metrics`, built at each scrape without asking a worker. */

import {
  DURATION_BUCKETS,
  Histogram,
  type HistogramValues,
} from "../../shared/metrics/histogram.ts";
import {
  type LabelledMetric,
  metricNames,
} from "../../shared/metrics/metric-names.ts";
import { requestLabels } from "../../shared/metrics/request-labels.ts";
import type { Totals } from "../../shared/metrics/totals.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import {
  type AppSource,
  appExposition,
  type Collision,
  sampleNames,
} from "./app/app-exposition.ts";
import { prefersOpenMetrics } from "./prefers-open-metrics.ts";

export interface GaugeSources {
  /** Workers; those of one slot are in order of age, oldest first. */
  readonly workers: readonly WorkerHandle[];
  readonly workersWanted: number;
  readonly isDegraded: boolean;
  readonly isLastConfigGood: boolean;
  readonly version: string;
  readonly now: number;
}

type Workers = readonly WorkerHandle[];

const WORKER_STATES = ["starting", "ready", "draining"] as const;
const CONNECTION_STATES = ["idle", "active"] as const;

/** Current values of gauges. */
export function gaugeFamilies(sources: GaugeSources): MetricFamily[] {
  return [...serverGauges(sources), ...workerGauges(sources)];
}

function serverGauges(sources: GaugeSources): MetricFamily[] {
  const { workers, version } = sources;
  return [
    gauge(
      "http_server_active_requests",
      "Requests being handled",
      sum(workers, ({ gauges }) => gauges.activeRequests),
    ),
    gauges("server_connections", "Open connections", connections(workers)),
    gauges(
      "server_workers",
      "Worker processes by state",
      WORKER_STATES.map((state) => ({
        labels: { state },
        value: workers.filter((worker) => worker.state === state).length,
      })),
    ),
    gauge(
      "server_workers_wanted",
      "Workers that there should be",
      sources.workersWanted,
    ),
    gauge(
      "server_degraded",
      "Whether workers fail again and again: 1 or 0",
      Number(sources.isDegraded),
    ),
    gauge(
      "server_config_last_reload_successful",
      "Whether the settings read last were valid",
      Number(sources.isLastConfigGood),
    ),
    gauges("server_build_info", "Version of the server; always 1", [
      { labels: { version, node: process.version }, value: 1 },
    ]),
  ];
}

/** If a slot has two workers, the newer one is shown. */
function workerGauges({ workers, now }: GaugeSources): MetricFamily[] {
  const newest = [...new Map(workers.map((one) => [one.slot, one])).values()];
  const perWorker = (
    name: string,
    help: string,
    read: (worker: WorkerHandle) => number,
  ) => {
    const samples = newest.map((worker) => {
      return { labels: { worker: worker.slot }, value: read(worker) };
    });
    return gauges(name, help, samples);
  };
  return [
    perWorker(
      "server_worker_resident_memory_bytes",
      "Resident memory of the worker process",
      (worker) => worker.memoryBytes,
    ),
    perWorker(
      "server_worker_eventloop_utilization_ratio",
      "Share of time in which the worker's event loop was busy",
      (worker) => worker.gauges.eventLoopUtilization,
    ),
    perWorker(
      "server_worker_heartbeat_age_seconds",
      "Time since the worker was last heard of",
      (worker) => Math.max(0, now - worker.lastHeartbeatAt) / 1000,
    ),
    perWorker(
      "server_worker_generation",
      "Generation of the worker; a reload brings a higher one",
      (worker) => worker.generation,
    ),
    gauges(
      "server_health_check_up",
      "Whether a health check of the app passes in the worker: 1 or 0",
      newest.flatMap(({ slot, checks }) => {
        return checks.map(({ name, failure }) => ({
          labels: { worker: slot, check: name },
          value: failure === undefined ? 1 : 0,
        }));
      }),
    ),
  ];
}

/** Connections by slot and state, of all workers in the slot. */
function connections(workers: Workers): Sample[] {
  const slots = [...new Set(workers.map(({ slot }) => slot))];
  return slots.flatMap((slot) => {
    const inSlot = workers.filter((worker) => worker.slot === slot);
    return CONNECTION_STATES.map((state) => ({
      labels: { worker: slot, state },
      value: sum(inSlot, ({ gauges }) => {
        const { idleConnections, openConnections } = gauges;
        const idle = Math.min(idleConnections, openConnections);
        return state === "idle" ? idle : openConnections - idle;
      }),
    }));
  });
}

function sum(workers: Workers, read: (worker: WorkerHandle) => number): number {
  return workers.reduce((total, worker) => total + read(worker), 0);
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return gauges(name, help, [{ labels: {}, value }]);
}

function gauges(
  name: string,
  help: string,
  values: readonly Sample[],
): MetricFamily {
  return family("gauge", { name, help }, values);
}

const EMPTY_HISTOGRAM = new Histogram().values();

/** One family for each of `metricNames`. */
export function totalFamilies(totals: Totals): MetricFamily[] {
  return [
    ...histogramFamilies(totals),
    ...Object.entries(metricNames.numbers).map(([key, metric]) => {
      const value = totals.numbers[key] ?? 0;
      return family("counter", metric, [{ labels: {}, value }]);
    }),
    ...Object.entries(metricNames.labelled).map(([key, metric]) => {
      const samples = labelledSamples(metric, totals.labelled[key] ?? {});
      return family("counter", metric, samples);
    }),
  ];
}

function histogramFamilies({ histograms }: Totals): MetricFamily[] {
  const { requests, ...others } = metricNames.histograms;
  const series = Object.entries(histograms.requests ?? {});
  return [
    family(
      "histogram",
      requests,
      series.flatMap(([key, values]) => {
        return histogramSamples(requests.name, labelsOfRequests(key), values);
      }),
    ),
    ...Object.entries(others).map(([key, metric]) => {
      const values = histograms[key]?.[""] ?? EMPTY_HISTOGRAM;
      const samples = histogramSamples(metric.name, {}, values);
      return family("histogram", metric, samples);
    }),
  ];
}

/**
 * Names follow the OpenTelemetry conventions; without a route there is no
 * label.
 */
function labelsOfRequests(key: string): Labels {
  const { method, status, route } = requestLabels(key);
  return {
    http_request_method: method,
    http_response_status_code: status,
    ...(route !== "" && { http_route: route }),
  };
}

/** Cumulative buckets, sum and count, as the exposition format requires. */
function histogramSamples(
  name: string,
  labels: Labels,
  { buckets, sum, count }: HistogramValues,
): Sample[] {
  let below = 0;
  const samples: Sample[] = buckets.map((inBucket, at) => {
    below += inBucket;
    const le = DURATION_BUCKETS[at] ?? "+Inf";
    const metricName = `${name}_bucket`;
    return { metricName, labels: { le, ...labels }, value: below };
  });
  samples.push({ metricName: `${name}_sum`, labels, value: sum });
  samples.push({ metricName: `${name}_count`, labels, value: count });
  return samples;
}

function labelledSamples(
  { label, values }: LabelledMetric,
  counts: Readonly<Record<string, number>>,
): Sample[] {
  const zeros = Object.fromEntries(values.map((value) => [value, 0]));
  return Object.entries({ ...zeros, ...counts }).map(([value, count]) => {
    return { labels: { [label]: value }, value: count };
  });
}

/** The input format of prom-client. */

export type Labels = Record<string, string | number>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly values: readonly Sample[];
  readonly aggregator: "sum";
}

export function family(
  type: MetricFamily["type"],
  { name, help }: Pick<MetricFamily, "name" | "help">,
  values: readonly Sample[],
): MetricFamily {
  return { name, help, type, values, aggregator: "sum" };
}

interface OwnSources extends GaugeSources {
  readonly totals: Totals;
}

export interface MetricSources extends OwnSources {
  /** Oldest worker first. */
  readonly app: readonly AppSource[];
  readonly onCollision: (collision: Collision) => void;
}

/** Loaded late, so that it does not delay the start. */
const formatter = () => import("prom-client");

/** Loads the formatter before the first scrape. */
export async function prepareExposition(): Promise<void> {
  await formatter();
}

/** The end of a text in the format of OpenMetrics. */
const END = "# EOF\n";

/** @param accept the field of the request */
export async function exposition(sources: MetricSources, accept?: string) {
  const { AggregatorRegistry, Registry } = await formatter();
  const isOpenMetrics = prefersOpenMetrics(accept);
  const families = metricFamilies(sources);
  const takenNames = families.flatMap(sampleNames);
  const contentType = isOpenMetrics
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE;
  const registry = AggregatorRegistry.aggregate([
    isOpenMetrics ? families.map(withoutSuffix) : families,
  ]);
  registry.setContentType(contentType);
  const own = await registry.metrics();
  const { app, totals, onCollision } = sources;
  const options = { isOpenMetrics, takenNames, onCollision };
  const ofApp = appExposition(app, totals, options);
  const body = isOpenMetrics
    ? own.slice(0, -END.length) + ofApp + END
    : own + ofApp;
  return { status: 200, contentType, body };
}

/** OpenMetrics names a counter without the suffix that its samples have. */
function withoutSuffix(given: MetricFamily): MetricFamily {
  if (given.type !== "counter") return given;
  return { ...given, name: given.name.replace(/_total$/, "") };
}

/** All but the metrics of the app. */
export function metricFamilies(sources: OwnSources): MetricFamily[] {
  return [...totalFamilies(sources.totals), ...gaugeFamilies(sources)];
}
