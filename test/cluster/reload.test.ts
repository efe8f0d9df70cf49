import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { waitUntil } from "../support/wait-until.ts";

const LOAD_SECONDS = 20;
const ROLLS = 5;
const APP = "test/fixtures/load-app.js";

after(stopAllDaemons);

async function rolls(daemon: Daemon, count: number): Promise<void> {
  // The load is spread over the whole time: rolls follow each other in it.
  const pauseMs = (LOAD_SECONDS * 1000) / (count + 1);
  for (let roll = 0; roll < count; roll++) {
    await delay(pauseMs);
    const since = daemon.logs.length;
    daemon.signal("SIGHUP");
    await daemon.waitForLog("reloaded", { since });
  }
  await delay(pauseMs);
}

async function answeredByMetrics(daemon: Daemon): Promise<number> {
  return daemon.metricSum("http_server_request_duration_seconds_count");
}

describe("a rolling restart", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`loses no request, ${scheduling}, and counts each`, async (t) => {
      const daemon = await startDaemon({
        app: APP,
        args: ["--scheduling", scheduling, "--workers", "2"],
      });
      const client = startStrictLoad(daemon);
      t.after(() => client.stop());
      await rolls(daemon, ROLLS);
      const report = await client.stop();

      assert.deepEqual(report.failures, []);
      assert.equal(report.failureCount, 0);
      assert.equal(report.idleResets, 0);
      assert.ok(report.answered > 1_000, `${report.answered} answered`);
      await waitUntil(
        async () => (await answeredByMetrics(daemon)) === report.answered,
        { what: `the metrics to count ${report.answered} requests` },
      );
      const { generation } = await daemon.status<{ generation: number }>();
      assert.equal(generation, ROLLS + 1);
      t.diagnostic(
        `${scheduling}: ${report.answered} answered, 0 failed, ` +
          `${ROLLS} rolls, p99 ${report.latenciesMs.p99.toFixed(0)} ms`,
      );
      await daemon.stop();
    });
  }
});
