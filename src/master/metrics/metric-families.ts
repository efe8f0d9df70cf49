/**
 * What `/metrics` shows, in prom-client's JSON form, made at each scrape from
 * what the master knows: it waits for nobody.
 */
import { DURATION_BUCKETS } from "../../shared/metrics/buckets.ts";
import type { HistogramValues } from "../../shared/metrics/histogram.ts";
import type { DispatcherCounts } from "../sockets/dispatcher.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import type { Counters } from "./counters.ts";
import type { LedgerTotals } from "./worker-totals.ts";

type Labels = Record<string, string | number>;

interface Sample {
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

export interface MetricSources {
  readonly totals: LedgerTotals;
  readonly counters: Counters;
  readonly dispatcher: DispatcherCounts;
  /** Workers, the newest of each slot last. */
  readonly workers: readonly WorkerHandle[];
  readonly workersWanted: number;
  /** CPU seconds by slot, of workers that left too. */
  readonly cpuSeconds: ReadonlyMap<number, number>;
  readonly isDegraded: boolean;
  readonly version: string;
  readonly now: number;
}

const WORKER_STATES = ["starting", "ready", "draining"] as const;

export function metricFamilies(sources: MetricSources): MetricFamily[] {
  return [
    ...requestFamilies(sources.totals),
    ...refusalFamilies(sources.totals),
    ...connectionFamilies(sources),
    ...workerFamilies(sources),
    ...restartFamilies(sources),
    counter(
      "server_log_lines_lost_total",
      "Lines of the log that could not be written",
      sources.totals.lostLogLines + sources.counters.lostLogLines,
    ),
  ];
}

function requestFamilies(totals: LedgerTotals): MetricFamily[] {
  const durations = totals.requests.flatMap((series) => {
    const labels: Labels = {
      http_request_method: series.method,
      http_response_status_code: series.status,
    };
    if (series.route) labels.http_route = series.route;
    return histogramSamples(REQUEST_DURATION, labels, series);
  });
  const delay = totals.eventLoopDelay;
  return [
    family(
      "histogram",
      REQUEST_DURATION,
      "Duration of HTTP server requests",
      durations,
    ),
    counter(
      "http_server_request_body_bytes_total",
      "Bytes of request bodies received",
      totals.requestBodyBytes,
    ),
    counter(
      "http_server_response_body_bytes_total",
      "Bytes of response bodies sent",
      totals.responseBodyBytes,
    ),
    family(
      "counter",
      "server_parse_errors_total",
      "Requests refused because they were not valid HTTP/1.1",
      byLabel("reason", totals.parseErrors),
    ),
    family(
      "histogram",
      EVENT_LOOP_DELAY,
      "How late the workers' event loops were",
      delay ? histogramSamples(EVENT_LOOP_DELAY, {}, delay) : [],
    ),
  ];
}

/** Requests that the server did not want to handle. */
function refusalFamilies(totals: LedgerTotals): MetricFamily[] {
  return [
    family(
      "counter",
      "server_requests_shed_total",
      "Requests refused because there was too much to do",
      byLabel("reason", totals.requestsShed),
    ),
    family(
      "counter",
      "server_rate_limited_total",
      "Requests refused because they were over a rate limit",
      byLabel("policy", totals.rateLimited),
    ),
    family(
      "counter",
      "server_rate_limit_store_errors_total",
      "Requests that could not be counted for their rate limit",
      byLabel("store", totals.rateLimitStoreErrors),
    ),
  ];
}

const REQUEST_DURATION = "http_server_request_duration_seconds";
const EVENT_LOOP_DELAY = "server_eventloop_delay_seconds";
const DRAIN_DURATION = "server_drain_duration_seconds";

function connectionFamilies(sources: MetricSources): MetricFamily[] {
  const { workers, dispatcher, totals } = sources;
  const active = workers.reduce((sum, { gauges }) => {
    return sum + gauges.activeRequests;
  }, 0);
  const open = sumBySlot(workers, (worker, state) => {
    const { idleConnections, openConnections } = worker.gauges;
    const idle = Math.min(idleConnections, openConnections);
    return state === "idle" ? idle : openConnections - idle;
  });
  const dropped = new Map(Object.entries(dispatcher.dropped));
  for (const [reason, count] of totals.connectionsDropped) {
    dropped.set(reason, (dropped.get(reason) ?? 0) + count);
  }
  return [
    gauge("http_server_active_requests", "Requests being handled", active),
    family("gauge", "server_connections", "Open connections", open),
    counter(
      "server_connections_accepted_total",
      "Connections accepted, by the master or by workers themselves",
      dispatcher.accepted + totals.acceptedConnections,
    ),
    counter(
      "server_connections_redispatched_total",
      "Connections given anew because a worker could not take them",
      dispatcher.redispatched,
    ),
    family(
      "counter",
      "server_connections_dropped_total",
      "Connections that were closed unserved",
      byLabel("reason", dropped),
    ),
    family(
      "counter",
      "server_tls_handshake_errors_total",
      "Connections that ended in their TLS handshake",
      byLabel("reason", totals.tlsHandshakeErrors),
    ),
    family(
      "counter",
      "server_proxy_header_errors_total",
      "Connections that ended before their PROXY header was whole and right",
      byLabel("reason", totals.proxyHeaderErrors),
    ),
  ];
}

function workerFamilies(sources: MetricSources): MetricFamily[] {
  const { workers, now } = sources;
  const states = WORKER_STATES.map((state) => ({
    labels: { state },
    value: workers.filter((worker) => worker.state === state).length,
  }));
  const perWorker = (
    name: string,
    help: string,
    read: (worker: WorkerHandle) => number,
  ) => family("gauge", name, help, newestBySlot(workers, read));
  const cpu = [...sources.cpuSeconds].map(([worker, value]) => {
    return { labels: { worker }, value };
  });
  return [
    family("gauge", "server_workers", "Worker processes by state", states),
    gauge(
      "server_workers_wanted",
      "Workers that there should be",
      sources.workersWanted,
    ),
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
    family(
      "gauge",
      "server_health_check_up",
      "Whether a health check of the app passes in the worker: 1 or 0",
      newestChecks(workers),
    ),
    family(
      "counter",
      "server_worker_cpu_seconds_total",
      "CPU time of the worker processes of a slot",
      cpu,
    ),
  ];
}

function restartFamilies(sources: MetricSources): MetricFamily[] {
  const { counters, version, isDegraded } = sources;
  return [
    family(
      "counter",
      "server_worker_restarts_total",
      "Workers that were replaced",
      byLabel("reason", counters.restarts),
    ),
    gauge(
      "server_degraded",
      "Whether workers fail again and again: 1 or 0",
      isDegraded ? 1 : 0,
    ),
    family(
      "histogram",
      DRAIN_DURATION,
      "How long workers took to drain",
      histogramSamples(DRAIN_DURATION, {}, counters.drains.values()),
    ),
    counter(
      "server_drain_forced_closes_total",
      "Connections cut in flight at the drain deadline",
      counters.forcedCloses,
    ),
    family(
      "counter",
      "server_reloads_total",
      "Reloads by how they ended",
      byLabel("result", counters.reloads),
    ),
    family(
      "counter",
      "server_upgrades_total",
      "Upgrades of the master by how they ended",
      byLabel("result", counters.upgrades),
    ),
    gauge(
      "server_config_last_reload_successful",
      "Whether the settings read last were valid",
      counters.isLastConfigGood ? 1 : 0,
    ),
    family("gauge", "server_build_info", "Version of the server; always 1", [
      { labels: { version, node: process.version }, value: 1 },
    ]),
  ];
}

// --- samples

/** Cumulative buckets, sum and count, as the exposition format wants them. */
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

function byLabel(label: string, counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts].map(([name, value]) => {
    return { labels: { [label]: name }, value };
  });
}

/** While a slot has two workers, the newer one is shown. */
function newestBySlot(
  workers: readonly WorkerHandle[],
  read: (worker: WorkerHandle) => number,
): Sample[] {
  const bySlot = new Map(workers.map((worker) => [worker.slot, worker]));
  return [...bySlot].map(([slot, worker]) => {
    return { labels: { worker: slot }, value: read(worker) };
  });
}

function newestChecks(workers: readonly WorkerHandle[]): Sample[] {
  const bySlot = new Map(workers.map((worker) => [worker.slot, worker]));
  return [...bySlot].flatMap(([slot, { checks }]) => {
    return checks.map(({ name, failure }) => ({
      labels: { worker: slot, check: name },
      value: failure === undefined ? 1 : 0,
    }));
  });
}

function sumBySlot(
  workers: readonly WorkerHandle[],
  read: (worker: WorkerHandle, state: "idle" | "active") => number,
): Sample[] {
  const slots = [...new Set(workers.map(({ slot }) => slot))];
  return slots.flatMap((slot) => {
    const inSlot = workers.filter((worker) => worker.slot === slot);
    return (["idle", "active"] as const).map((state) => ({
      labels: { worker: slot, state },
      value: inSlot.reduce((sum, worker) => sum + read(worker, state), 0),
    }));
  });
}

function counter(name: string, help: string, value: number): MetricFamily {
  return family("counter", name, help, [{ labels: {}, value }]);
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return family("gauge", name, help, [{ labels: {}, value }]);
}

function family(
  type: MetricFamily["type"],
  name: string,
  help: string,
  values: readonly Sample[],
): MetricFamily {
  return { name, help, type, values, aggregator: "sum" };
}
