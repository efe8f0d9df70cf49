import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { AdminRequest } from "../../../src/master/admin/admin-server.ts";
import { adminRoutes } from "../../../src/master/admin/master-pages.ts";
import type { MetricSources } from "../../../src/master/metrics/exposition.ts";
import { WorkerPool } from "../../../src/master/supervisor/workers/worker-pool.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";
import { Counters } from "../../../src/shared/metrics/counters.ts";
import { DURATION_BUCKETS } from "../../../src/shared/metrics/histogram.ts";
import { noTotals } from "../../../src/shared/metrics/totals.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type Metric, parseMetrics, sumOf } from "../../support/prometheus.ts";
import { fakeFork } from "../supervisor/workers/fake-worker-process.ts";
import { histogramOf, seriesOf, setStats, totalsOf } from "./worker-reports.ts";

const settings = settingsSchema.parse({});

function newPool(clock = new FakeClock(0)): WorkerPool {
  const events = {
    onMessage: () => {},
    onArrived: () => {},
    onWatchdog: () => {},
    onRefused: () => {},
    onViolation: () => {},
    onGone: () => {},
  };
  return new WorkerPool(fakeFork().fork, clock, events);
}

function sourcesOf(given: Partial<MetricSources> = {}): MetricSources {
  return {
    totals: noTotals(),
    workers: [],
    workersWanted: 2,
    isDegraded: false,
    isLastConfigGood: true,
    version: "1.2.3",
    now: 0,
    app: [],
    onCollision: ({ name }) => assert.fail(`${name} collides`),
    ...given,
  };
}

/** What `/metrics` shows of these. */
async function exposition(
  given: Partial<MetricSources> = {},
  headers: AdminRequest["headers"] = {},
) {
  const routes = adminRoutes({
    metrics: () => sourcesOf(given),
    status: () => assert.fail("nobody asks for the status"),
  });
  const answer = await routes.get("/metrics")?.({
    ...{ method: "GET", path: "/metrics", query: new URLSearchParams() },
    headers,
  });
  assert.ok(answer);
  return answer;
}

async function metricsOf(given: Partial<MetricSources>): Promise<Metric[]> {
  return parseMetrics((await exposition(given)).body);
}

/** The values of a metric, by its labels: "idle 2". */
function valuesOf(metrics: readonly Metric[], name: string): string[] {
  return metrics
    .filter((metric) => metric.name === name)
    .map(({ labels, value }) => [...Object.values(labels), value].join(" "));
}

/** The type and the label names of each family, as `/metrics` shows them. */
function shapeOf(text: string): Map<string, string> {
  const shape = new Map<string, string>();
  for (const [, name = "", type = ""] of text.matchAll(
    /^# TYPE (\S+) (\S+)/gm,
  )) {
    const samples = parseMetrics(text).filter((metric) => {
      return (
        metric.name.replace(/_(bucket|sum|count)$/, "") === name ||
        metric.name === name
      );
    });
    const labels = new Set(samples.flatMap((one) => Object.keys(one.labels)));
    shape.set(name, [type, ...[...labels].sort()].join(" "));
  }
  return shape;
}

/** Something of everything. */
function fullSources(): Partial<MetricSources> {
  const totals = totalsOf({
    labelled: {
      parseErrors: { host: 1 },
      tlsHandshakeErrors: { timeout: 1 },
      proxyHeaderErrors: { checksum: 1 },
      rateLimited: { default: 1 },
      rateLimitStoreErrors: { redis: 1 },
      cpuSeconds: { 1: 0.5 },
    },
    requests: seriesOf(
      { method: "GET", route: "/users/:id", status: 200 },
      [0.25],
    ),
    eventLoopDelay: histogramOf(0.001),
  });
  const pool = newPool();
  pool.fork(1, 1, settings);
  for (const worker of pool.workers) {
    const checks = [{ name: "db", ageSeconds: 0, failure: "away" }];
    setStats(worker, { checks });
  }
  return { totals, workers: pool.workers };
}

describe("the names, types and labels of /metrics", () => {
  let shape: Map<string, string>;

  before(async () => {
    shape = shapeOf((await exposition(fullSources())).body);
  });

  const http = "http_request_method http_response_status_code http_route";
  const expected: Record<string, string> = {
    http_server_request_duration_seconds: `histogram ${http} le`,
    http_server_active_requests: "gauge",
    http_server_request_body_bytes_total: "counter",
    http_server_response_body_bytes_total: "counter",
    server_build_info: "gauge node version",
    server_config_last_reload_successful: "gauge",
    server_connections: "gauge state worker",
    server_connections_accepted_total: "counter",
    server_connections_dropped_total: "counter reason",
    server_connections_redispatched_total: "counter",
    server_degraded: "gauge",
    server_drain_duration_seconds: "histogram le",
    server_drain_forced_closes_total: "counter",
    server_eventloop_delay_seconds: "histogram le",
    server_health_check_up: "gauge check worker",
    server_log_lines_lost_total: "counter",
    server_parse_errors_total: "counter reason",
    server_proxy_header_errors_total: "counter reason",
    server_rate_limit_store_errors_total: "counter store",
    server_rate_limited_total: "counter policy",
    server_reloads_total: "counter result",
    server_requests_shed_total: "counter reason",
    server_app_messages_dropped_total: "counter",
    server_app_metrics_refused_total: "counter reason",
    server_sticky_handovers_total: "counter to",
    server_supervisor_errors_total: "counter",
    server_tls_handshake_errors_total: "counter reason",
    server_upgrades_total: "counter result",
    server_worker_cpu_seconds_total: "counter worker",
    server_worker_eventloop_utilization_ratio: "gauge worker",
    server_worker_generation: "gauge worker",
    server_worker_heartbeat_age_seconds: "gauge worker",
    server_worker_resident_memory_bytes: "gauge worker",
    server_worker_restarts_total: "counter reason",
    server_workers: "gauge state",
    server_workers_wanted: "gauge",
  };
  for (const [name, typeAndLabels] of Object.entries(expected)) {
    it(`${name} is a ${typeAndLabels}`, () => {
      assert.equal(shape.get(name), typeAndLabels);
    });
  }

  it("are all, with one line of help and of type each", async () => {
    assert.deepEqual([...shape.keys()].sort(), Object.keys(expected).sort());
    const { body, contentType } = await exposition(fullSources());
    const help = body.match(/^# HELP /gm)?.length;
    assert.equal(help, shape.size);
    assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  });

  it("of counters end in _total, and nothing is there twice", async () => {
    for (const [name, typeAndLabels] of shape) {
      const isCounter = typeAndLabels.startsWith("counter");
      assert.equal(name.endsWith("_total"), isCounter, name);
    }
    const metrics = await metricsOf(fullSources());
    const keys = metrics.map(({ name, labels }) => {
      return `${name} ${JSON.stringify(labels)}`;
    });
    assert.equal(new Set(keys).size, keys.length);
  });

  it("are there before anything was counted", async () => {
    const { body } = await exposition();
    assert.deepEqual(
      [...shapeOf(body).keys()].sort(),
      [...shape.keys()].sort(),
    );
    const metrics = parseMetrics(body);
    assert.equal(sumOf(metrics, "server_connections_accepted_total"), 0);
    assert.equal(sumOf(metrics, "server_config_last_reload_successful"), 1);
  });
});

describe("OpenMetrics", () => {
  const PREFERRED =
    "application/openmetrics-text;version=1.0.0;q=0.5," +
    "application/openmetrics-text;version=0.0.1;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

  it("has the samples of the older format, and an end", async () => {
    const older = await exposition(fullSources());
    const accept = { accept: PREFERRED };
    const { body, contentType } = await exposition(fullSources(), accept);
    assert.match(contentType, /^application\/openmetrics-text; version=1\.0/);
    assert.ok(body.endsWith("\n# EOF\n"));
    const samples = (text: string) => {
      return text.split("\n").filter((line) => /^[^#]/.test(line));
    };
    assert.deepEqual(samples(body), samples(older.body));
    const name = "server_connections_accepted";
    assert.ok(body.includes(`# TYPE ${name} counter\n${name}_total `));
  });

  for (const [accept, isOpenMetrics] of [
    [undefined, false],
    ["*/*", false],
    ["text/plain", false],
    ["application/openmetrics-text", true],
    ["APPLICATION/OpenMetrics-Text; version=1.0.0 ; q=1", true],
    ["application/openmetrics-text;q=0, text/plain", false],
    ["application/openmetrics-text;q=0.1, text/plain;q=0.9", false],
    [";;,,q=", false],
  ] as const) {
    it(`${isOpenMetrics ? "is" : "is not"} sent for ${accept}`, async () => {
      const { contentType } = await exposition({}, { accept });
      assert.equal(contentType.includes("openmetrics"), isOpenMetrics);
    });
  }
});

describe("requests in /metrics", () => {
  const name = "http_server_request_duration_seconds";

  async function requestMetrics(route: string, seconds: readonly number[]) {
    const labels = { method: "GET", route, status: 200 };
    const requests = seriesOf(labels, seconds);
    return metricsOf({ totals: totalsOf({ requests }) });
  }

  it("have cumulative buckets up to +Inf, a sum and a count", async () => {
    const metrics = await requestMetrics("/", [0.0001, 0.25, 0.25, 3, 11]);
    const buckets = metrics.filter((one) => one.name === `${name}_bucket`);
    assert.deepEqual(
      buckets.map(({ labels }) => labels.le),
      [...DURATION_BUCKETS.map(String), "+Inf"],
    );
    const below = new Map(
      buckets.map(({ labels, value }) => {
        return [labels.le, value];
      }),
    );
    const bounds = ["0.0005", "0.1", "0.25", "1", "5", "10", "+Inf"];
    const values = bounds.map((le) => below.get(le));
    assert.deepEqual(values, [1, 1, 3, 3, 4, 4, 5]);
    assert.equal(sumOf(metrics, `${name}_count`), 5);
    const sum = sumOf(metrics, `${name}_sum`);
    assert.ok(Math.abs(sum - 14.5001) < 1e-6, String(sum));
  });

  it("have no route where none took them", async () => {
    const metrics = await requestMetrics("", [1]);
    const [count] = metrics.filter((one) => one.name === `${name}_count`);
    assert.deepEqual(count?.labels, {
      http_request_method: "GET",
      http_response_status_code: "200",
    });
  });

  it("have routes with any characters, escaped", async () => {
    for (const route of ['/a"b', "/a\\b", "/a\nb", "/ä ,}", '/a",b="c']) {
      const metrics = await requestMetrics(route, [1]);
      const labels = { http_route: route };
      assert.equal(sumOf(metrics, `${name}_count`, labels), 1, route);
    }
  });

  it("are active in all workers together", async () => {
    const pool = newPool();
    for (const slot of [1, 2]) {
      const worker = pool.fork(slot, 1, settings);
      setStats(worker, { gauges: { ...worker.gauges, activeRequests: slot } });
    }
    const metrics = await metricsOf({ workers: pool.workers });
    assert.equal(sumOf(metrics, "http_server_active_requests"), 3);
  });
});

describe("connections in /metrics", () => {
  it("are open by slot and state, also while a slot has two workers", async () => {
    const pool = newPool();
    for (const [slot, open, idle] of [
      [1, 5, 2],
      [1, 3, 3],
      [2, 1, 4],
    ] as const) {
      const worker = pool.fork(slot, 1, settings);
      const gauges = { openConnections: open, idleConnections: idle };
      setStats(worker, { gauges: { ...worker.gauges, ...gauges } });
    }
    const metrics = await metricsOf({ workers: pool.workers });
    const expected = ["1 idle 5", "1 active 3", "2 idle 1", "2 active 0"];
    assert.deepEqual(valuesOf(metrics, "server_connections"), expected);
  });

  it("were accepted by the master or by workers", async () => {
    const totals = totalsOf({
      numbers: { acceptedConnections: 5 },
      labelled: {
        connectionsDropped: {
          queue_full: 1,
          descriptors: 2,
          max_connections: 3,
        },
      },
    });
    const metrics = await metricsOf({ totals });
    assert.equal(sumOf(metrics, "server_connections_accepted_total"), 5);
    const dropped = valuesOf(metrics, "server_connections_dropped_total");
    assert.deepEqual(dropped, [
      "queue_full 1",
      "stopped 0",
      "accept_failed 0",
      "descriptors 2",
      "worker_refused 0",
      "max_connections 3",
    ]);
  });
});

describe("workers in /metrics", () => {
  it("are counted by state, states without any too", async () => {
    const pool = newPool();
    pool.fork(1, 1, settings).markReady(0);
    pool.fork(2, 1, settings).markReady(0);
    pool.fork(3, 1, settings);
    const metrics = await metricsOf({ workers: pool.workers });
    const expected = ["starting 1", "ready 2", "draining 0"];
    assert.deepEqual(valuesOf(metrics, "server_workers"), expected);
  });

  it("are shown by slot: of two in one slot the newer", async () => {
    const clock = new FakeClock(1_000);
    const pool = newPool(clock);
    const old = pool.fork(1, 1, settings);
    old.recordUsage({ memoryBytes: 111, cpuSeconds: 0 });
    clock.advance(500);
    const fresh = pool.fork(1, 2, settings);
    fresh.recordUsage({ memoryBytes: 222, cpuSeconds: 0 });
    const gauges = { ...fresh.gauges, eventLoopUtilization: 0.5 };
    setStats(fresh, { gauges });
    clock.advance(250);
    const metrics = await metricsOf({
      workers: pool.workers,
      totals: totalsOf({ labelled: { cpuSeconds: { 1: 1.5 } } }),
      now: clock.now(),
    });
    const value = (name: string) => valuesOf(metrics, `server_worker_${name}`);
    assert.deepEqual(value("resident_memory_bytes"), ["1 222"]);
    assert.deepEqual(value("eventloop_utilization_ratio"), ["1 0.5"]);
    assert.deepEqual(value("heartbeat_age_seconds"), ["1 0.25"]);
    assert.deepEqual(value("generation"), ["1 2"]);
    assert.deepEqual(value("cpu_seconds_total"), ["1 1.5"]);
  });
});

describe("restarts, reloads and drains in /metrics", () => {
  it("are what the master counted", async () => {
    const counters = new Counters();
    counters.count("restarts", "crash");
    counters.count("restarts", "crash");
    counters.count("restarts", "reload");
    counters.count("reloads", "refused");
    counters.add("forcedCloses", 3);
    counters.observe("drains", 4);
    const metrics = await metricsOf({
      totals: counters.totals(),
      isLastConfigGood: false,
    });
    const values = (name: string) => valuesOf(metrics, `server_${name}`);
    // What has not happened yet is shown as well, or a rate misses its first.
    assert.deepEqual(values("worker_restarts_total"), [
      ...[
        "crash 2",
        "oom 0",
        "stuck 0",
        "start_failed 0",
        "memory 0",
        "bad_message 0",
        "max_requests 0",
        "age 0",
        "retired 0",
      ],
      ...["reload 1", "scale 0"],
    ]);
    const ended = ["success 0", "failure 0", "refused 1"];
    const reloads = [...ended, "superseded 0", "stopped 0"];
    assert.deepEqual(values("reloads_total"), reloads);
    assert.deepEqual(values("config_last_reload_successful"), ["0"]);
    assert.deepEqual(values("drain_forced_closes_total"), ["3"]);
    assert.deepEqual(values("drain_duration_seconds_sum"), ["4"]);
    assert.deepEqual(values("drain_duration_seconds_count"), ["1"]);
    const info = ["1.2.3", process.version, 1].join(" ");
    assert.deepEqual(values("build_info"), [info]);
  });
});
