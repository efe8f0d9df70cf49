/**
 * A real Prometheus, with the configuration and the rules of deploy/, scrapes a
 * daemon: what a parser accepts may still fail where it meets numbers.
 */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import {
  ForegroundProgram,
  skipWithout,
} from "../support/foreground-program.ts";
import { freePort } from "../support/free-port.ts";
import { httpGet } from "../support/http-get.ts";
import { waitUntil } from "../support/wait-until.ts";
import { packagesSkipReason } from "./checking-packages.ts";
import { queriesOf, readDashboard } from "./dashboard.ts";
import { deployFolder, readYaml } from "./deploy-file.ts";
import { readQuery } from "./read-query.ts";

const INTERVAL = "250ms";

interface ScrapeConfig {
  global: { scrape_interval: string; evaluation_interval: string };
  rule_files: string[];
  scrape_configs: {
    job_name: string;
    scrape_timeout: string;
    static_configs: { targets: string[] }[];
  }[];
}

after(stopAllDaemons);

describe("a Prometheus with the files of deploy/", {
  skip: packagesSkipReason || skipWithout("prometheus", "--version"),
}, () => {
  let daemon: Daemon;
  let prometheus: ForegroundProgram;
  let port: number;

  const ask = async <Data>(resource: string): Promise<Data> => {
    const { status, body } = await httpGet(port, `/api/v1/${resource}`);
    assert.equal(status, 200, body);
    return (JSON.parse(body) as { data: Data }).data;
  };
  const samplesOf = async (query: string) => {
    const asked = `query?query=${encodeURIComponent(query)}`;
    return (await ask<{ result: unknown[] }>(asked)).result;
  };

  before(async () => {
    daemon = await startDaemon({
      app: "test/fixtures/trouble-app.js",
      args: ["--workers", "2"],
    });
    port = await freePort();
    prometheus = await ForegroundProgram.start({
      config: JSON.stringify(await scraping(daemon.adminPort)),
      configName: "prometheus.yml",
      address: { port },
      command: () => [
        ...["prometheus", "--config.file=prometheus.yml"],
        ...["--storage.tsdb.path=data", "--log.level=warn"],
        `--web.listen-address=127.0.0.1:${port}`,
      ],
    });
    const hasRates = async () => {
      await httpGet(daemon.port, "/");
      const query = "rate(http_server_request_duration_seconds_count[5s]) > 0";
      return (await samplesOf(query)).length > 0;
    };
    // It begins to scrape five seconds after its start.
    await waitUntil(hasRates, { what: "rates", timeoutMs: 15_000 });
  });
  after(() => prometheus?.stop());

  it("answers each query of the dashboard, with what there is", async () => {
    const sampled = new Set(
      (await daemon.metrics()).match(/^\w+(?=[{ ])/gm) ?? [],
    );
    for (const query of queriesOf(readDashboard())) {
      const chosen = query
        .replaceAll("$job", "app")
        .replaceAll("$instance", ".*")
        .replaceAll("[5m]", "[5s]")
        .replaceAll("[1m]", "[5s]");
      const isFound = async () => (await samplesOf(chosen)).length > 0;
      const isFoundNow = await isFound();
      const { metrics } = await readQuery(query);
      const isSelective = /> 0|"5\.\."/.test(query);
      if (isSelective || !metrics.every((name) => sampled.has(name))) continue;
      // Between a scrape that failed and the next one there is nothing.
      if (!isFoundNow) await waitUntil(isFound, { what: chosen });
    }
  });

  it("evaluates each rule without an error", async () => {
    interface Groups {
      groups: {
        rules: { name: string; health: string; lastError: string }[];
      }[];
    }
    const rules = async () => {
      const { groups } = await ask<Groups>("rules");
      return groups.flatMap((group) => group.rules);
    };
    const areEvaluated = async () => {
      const all = await rules();
      return all.length > 0 && all.every(({ health }) => health !== "unknown");
    };
    await waitUntil(areEvaluated, { what: "all rules", timeoutMs: 10_000 });
    for (const { name, health, lastError } of await rules()) {
      assert.equal(health, "ok", `${name}: ${lastError}`);
    }
  });

  it("lets the alert fire when a worker has died", async () => {
    const [victim = 0] = daemon.workerPids();
    process.kill(victim, "SIGKILL");
    const isFiring = async () => {
      const firing =
        'ALERTS{alertname="RemudaWorkersFail",alertstate="firing"}';
      return (await samplesOf(firing)).length > 0;
    };
    await waitUntil(isFiring, { what: "the alert", timeoutMs: 15_000 });
  });
});

/** The configuration of deploy/, for one target, and in a hurry. */
async function scraping(adminPort: number): Promise<ScrapeConfig> {
  const [config] = await readYaml<ScrapeConfig>("prometheus/prometheus.yml");
  assert.ok(config);
  const { global, rule_files, scrape_configs } = config;
  return {
    ...config,
    global: {
      ...global,
      scrape_interval: INTERVAL,
      evaluation_interval: INTERVAL,
    },
    rule_files: rule_files.map((file) => {
      return path.join(deployFolder, "prometheus", file);
    }),
    scrape_configs: scrape_configs.map((job) => ({
      ...job,
      scrape_timeout: INTERVAL,
      static_configs: [{ targets: [`127.0.0.1:${adminPort}`] }],
    })),
  };
}
