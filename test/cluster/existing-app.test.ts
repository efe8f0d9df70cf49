import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
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

describe("the body of a request to an existing app", () => {
  const app = "test/fixtures/upload-app.js";
  const MIB = 1024 * 1024;
  const post = async (daemon: Daemon, path: string, byteCount: number) => {
    const body = new Uint8Array(byteCount);
    const { address } = daemon;
    assert.ok("port" in address);
    const url = `http://127.0.0.1:${address.port}${path}`;
    const response = await fetch(url, { method: "POST", body });
    return [response.status, await response.text()];
  };

  test("has no limit but the app's own, beside routes that have", async () => {
    const daemon = await startDaemon({ app, args: ["--workers", "1"] });
    assert.deepEqual(await post(daemon, "/", 3 * MIB), [200, `${3 * MIB}`]);
    assert.equal((await post(daemon, "/own", MIB))[0], 200);
    assert.equal((await post(daemon, "/own", MIB + 1))[0], 413);
    await daemon.stop();
  });

  test("has the limit of the setting, if there is one", async () => {
    const daemon = await startDaemon({
      app,
      args: ["--workers", "1", "--max-body-bytes", String(2 * MIB)],
    });
    assert.equal((await post(daemon, "/", 2 * MIB))[0], 200);
    assert.equal((await post(daemon, "/", 2 * MIB + 1))[0], 413);
    assert.equal((await post(daemon, "/own", 2 * MIB))[0], 200);
    await daemon.stop();
  });
});
