/**
 * The metrics of an unchanged program with express-prom-bundle, while workers
 * and masters come and go, as a real Prometheus sees them.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CounterWatch } from "../support/counter-watch.ts";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import {
  ForegroundProgram,
  skipWithout,
} from "../support/foreground-program.ts";
import { freePort } from "../support/free-port.ts";
import { httpGet } from "../support/http-get.ts";
import { httpPost } from "../support/http-post.ts";
import { parseMetrics, sumOf } from "../support/prometheus.ts";
import {
  type StrictClient,
  startStrictClient,
} from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";

const COUNT = "http_request_duration_seconds_count";

after(stopAllDaemons);

describe("the metrics of an app", {
  skip: skipWithout("prometheus", "--version"),
}, () => {
  let daemon: Daemon;
  let prometheus: ForegroundProgram;
  let prometheusPort: number;
  let watch: CounterWatch;
  let client: StrictClient;

  const query = async (text: string): Promise<number> => {
    const path = `/api/v1/query?query=${encodeURIComponent(text)}`;
    const { status, body } = await httpGet(prometheusPort, path);
    assert.equal(status, 200, body);
    const { result } = JSON.parse(body).data;
    return Number(result[0]?.value[1] ?? Number.NaN);
  };
  const sum = async (name: string, labels = {}) => {
    return sumOf(parseMetrics(await daemon.metrics()), name, labels);
  };
  /** All answers are counted, none twice. */
  const untilCounted = async (missing = 0) => {
    let counted = 0;
    const isCounted = async () => {
      counted = await sum(COUNT);
      return counted === client.report.answered - missing;
    };
    await waitUntil(isCounted, {
      what: `the count of ${client.report.answered} answers`,
      timeoutMs: 10_000,
    }).catch((error: Error) => {
      error.message += `: ${counted} are counted`;
      throw error;
    });
  };
  const scale = async (workers: number) => {
    const path = `/control/scale?workers=${workers}`;
    const { status, body } = await httpPost(daemon.controlSocketPath, path);
    assert.equal(status, 202, body);
    const isDone = async () => {
      const found = (await masterStatus()).workers;
      const isReady = found.every(({ state }) => state === "ready");
      return isReady && found.length === workers;
    };
    await waitUntil(isDone, { what: `${workers} workers`, timeoutMs: 20_000 });
  };
  const masterStatus = () => {
    return daemon.status<{
      readonly pid: number;
      readonly upgrade: { readonly predecessorPid: unknown };
      readonly workers: readonly { readonly state: string }[];
    }>();
  };
  const signal = async (name: NodeJS.Signals) => {
    process.kill((await masterStatus()).pid, name);
  };
  const reload = async () => {
    const since = daemon.logs.length;
    await signal("SIGHUP");
    await daemon.waitForLog("reloaded", { since, timeoutMs: 40_000 });
  };
  const upgrade = async () => {
    const { pid } = await masterStatus();
    process.kill(pid, "SIGUSR2");
    const isDone = async () => {
      const { pid: now, upgrade } = await masterStatus();
      return now !== pid && upgrade.predecessorPid === null;
    };
    const what = "the old master to leave";
    await waitUntil(isDone, { what, timeoutMs: 40_000 });
  };
  const killWorker = async () => {
    const since = daemon.logs.length;
    const [pid = 0] = daemon.workerPids();
    process.kill(pid, "SIGKILL");
    await daemon.waitForLog("worker ready", { since });
  };

  before(async () => {
    daemon = await startDaemon({
      app: "test/fixtures/measured-program.cjs",
      args: ["--workers", "2", "--drain-linger-ms", "1000"],
    });
    prometheusPort = await freePort();
    prometheus = await ForegroundProgram.start({
      config: JSON.stringify(scraping(daemon.adminPort)),
      configName: "prometheus.yml",
      address: { port: prometheusPort },
      command: () => [
        ...["prometheus", "--config.file=prometheus.yml"],
        ...["--storage.tsdb.path=data", "--log.level=warn"],
        `--web.listen-address=127.0.0.1:${prometheusPort}`,
      ],
    });
    // It begins to scrape five seconds after its start.
    const isScraping = async () => (await query("up{job='app'}")) === 1;
    await waitUntil(isScraping, { what: "a scrape", timeoutMs: 20_000 });
    watch = new CounterWatch({
      scrape: () => daemon.metrics(),
      pauseMs: 100,
    });
    client = startStrictClient({
      ...daemon.address,
      connections: 8,
      keepAlive: true,
      requestTimeoutMs: 15_000,
      pauseMs: { min: 0, max: 100 },
      mix: [
        { method: "GET", path: "/", weight: 8 },
        { method: "GET", path: "/slow" },
      ],
    });
  });
  after(async () => {
    await client?.stop();
    await watch?.stop();
    await prometheus?.stop();
  });

  test("lose nothing in reloads, scaling and upgrades", async () => {
    await reload();
    await upgrade();
    await scale(3);
    await scale(2);
    await reload();
    await upgrade();
    await client.pause();
    await untilCounted();
    assert.deepEqual(client.report.failures, []);
    const quick = await sum("orders_total", { kind: "quick" });
    const slow = await sum("orders_total", { kind: "slow" });
    assert.equal(quick + slow, client.report.answered);
    assert.ok(slow > 0);
    await waitUntil(async () => (await sum("orders_in_flight")) === 0, {
      what: "no order in flight",
    });
  });

  test("lose only what a killed worker had not pushed", async () => {
    await killWorker();
    client.resume();
    await waitUntil(async () => (await sum("orders_in_flight")) > 0, {
      what: "orders in flight",
    });
    await client.pause();
    // The worker that was killed had pushed all: there was a pause before.
    await untilCounted();
    client.resume();
    await killWorker();
    await client.pause();
  });

  test("show processes with a label of their worker", async () => {
    const workersOf = async (name: string) => {
      const metrics = parseMetrics(await daemon.metrics());
      const found = metrics.filter((metric) => metric.name === name);
      return found.map(({ labels }) => labels.worker).sort();
    };
    const haveAllPushed = async () => {
      const workers = await workersOf("process_resident_memory_bytes");
      return workers.join() === "1,2";
    };
    await waitUntil(haveAllPushed, { what: "both workers" });
    const lag = await workersOf("nodejs_eventloop_lag_p99_seconds");
    assert.deepEqual(lag, ["1", "2"]);
    const cpu = await workersOf("process_cpu_user_seconds_total");
    assert.deepEqual(cpu, ["1", "2", "3"]);
  });

  test("never fall, as Prometheus sees them", async () => {
    const isScraped = async () => {
      const counted = await query(`sum(${COUNT})`);
      return counted === (await sum(COUNT));
    };
    await waitUntil(isScraped, { what: "the last scrape", timeoutMs: 15_000 });
    assert.deepEqual(watch.faults.slice(0, 5), []);
    for (const name of [
      COUNT,
      "http_request_duration_seconds_bucket",
      "http_request_duration_seconds_sum",
      "orders_total",
      "process_cpu_user_seconds_total",
      "nodejs_gc_duration_seconds_count",
      "http_server_request_duration_seconds_count",
    ]) {
      const resets = await query(`sum(resets(${name}[10m]))`);
      assert.equal(resets, 0, `resets of ${name}`);
    }
    const scrapes = await query("count_over_time(orders_total[10m])");
    assert.ok(scrapes > 5, `${scrapes} scrapes`);
  });
});

describe("metrics without prom-client's default registry", () => {
  let daemon: Daemon;
  before(async () => {
    daemon = await startDaemon({
      app: "test/fixtures/counting-app.js",
      args: [
        ...["--workers", "2", "--metrics-process-metrics"],
        ...["--metrics-per-worker", "depth,other"],
      ],
    });
  });

  /** Samples, sorted by the text of their labels. */
  const samplesOf = async (name: string) => {
    const metrics = parseMetrics(await daemon.metrics());
    const found = metrics.filter((metric) => metric.name === name);
    return found.map(({ labels, value }) => [labels, value] as const);
  };

  test("are those of the package, and of registered ones", async () => {
    const pids = new Map<string, number>();
    while (pids.size < 2) {
      const { body } = await httpGet(daemon.port, "/home");
      pids.set(body, (pids.get(body) ?? 0) + 1);
    }
    const visits = [...pids.values()].reduce((sum, count) => sum + count, 0);
    const isCounted = async () => {
      const [found] = await samplesOf("visits_total");
      return found?.[1] === visits;
    };
    await waitUntil(isCounted, { what: `${visits} visits` });
    const [visit] = await samplesOf("visits_total");
    assert.deepEqual(visit, [{ page: "home" }, visits]);
    assert.deepEqual(await samplesOf("registered_total"), [[{}, visits]]);
    assert.deepEqual(await samplesOf("wait_seconds_count"), [[{}, visits]]);
    // A gauge that keeps a label of its worker.
    const depths = await samplesOf("depth");
    const workers = depths.map(([{ worker }]) => worker);
    assert.deepEqual(workers.sort(), ["1", "2"]);
    const values = depths.map(([, value]) => String(value));
    assert.deepEqual(values.sort(), [...pids.keys()].sort());
  });

  test("of Node itself are collected where a setting asks", async () => {
    const areThere = async () => {
      return (await samplesOf("nodejs_version_info")).length === 2;
    };
    await waitUntil(areThere, { what: "both workers" });
    const info = await samplesOf("nodejs_version_info");
    for (const [{ version }] of info) assert.equal(version, process.version);
    const memory = await samplesOf("process_resident_memory_bytes");
    assert.ok(memory.every(([, value]) => value > 2 ** 20));
  });
});

/** Every second, in the format that Prometheus prefers: OpenMetrics. */
function scraping(adminPort: number) {
  return {
    global: { scrape_interval: "1s" },
    scrape_configs: [
      {
        job_name: "app",
        static_configs: [{ targets: [`127.0.0.1:${adminPort}`] }],
      },
    ],
  };
}
