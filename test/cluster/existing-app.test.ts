import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { waitUntil } from "../support/wait-until.ts";

after(stopAllDaemons);

describe("a rolling restart of an Express app", () => {
  test("loses no request, and counts each", async (t) => {
    const daemon = await startDaemon({
      app: "test/fixtures/express-app.js",
      args: ["--workers", "2"],
    });
    const client = startStrictLoad(daemon, { connections: 16 });
    t.after(() => client.stop());
    for (let roll = 0; roll < 2; roll++) {
      await delay(1_000);
      const since = daemon.logs.length;
      daemon.signal("SIGHUP");
      await daemon.waitForLog("reloaded", { since });
    }
    await delay(1_000);
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    assert.equal(report.failureCount, 0);
    assert.ok(report.answered > 100, `${report.answered} answered`);
    const counted = () =>
      daemon.metricSum("http_server_request_duration_seconds_count");
    await waitUntil(async () => (await counted()) === report.answered, {
      what: `the metrics to count ${report.answered} requests`,
    });
    await daemon.stop();
  });
});
