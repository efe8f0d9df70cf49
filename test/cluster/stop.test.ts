import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/load-app.js";
const QUICK = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

after(stopAllDaemons);

describe("stopping", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`TERM under load finishes what is begun, ${scheduling}`, async (t) => {
      const daemon = await startDaemon({
        app: APP,
        args: [
          ...["--scheduling", scheduling, "--workers", "2"],
          ...["--drain-pre-stop-delay-ms", "0"],
        ],
      });
      const pids = daemon.workerPids();
      const client = startStrictLoad(daemon, { maxPauseMs: 20 });
      t.after(() => client.stop());
      const enough = () => client.report.answered > 300;
      await waitUntil(enough, { what: "load", timeoutMs: 60_000 });

      const paused = client.pause(); // no new ones; what is in flight goes on
      daemon.signal("SIGTERM");
      await paused;
      const { code, signal } = await daemon.exited;
      const report = await client.stop();

      assert.deepEqual({ code, signal }, { code: 0, signal: null });
      assert.deepEqual(report.failures, []);
      assert.equal(report.idleResets, 0);
      assert.equal(pids.length, 2);
      assert.deepEqual(daemon.processes(), [], "no orphan is left");
    });
  }

  test("TERM turns not ready first and serves on until the delay", async () => {
    const args = ["--workers", "1", "--drain-pre-stop-delay-ms", "60000"];
    const daemon = await startDaemon({ app: APP, args });
    assert.equal((await daemon.get("/readyz")).status, 200);
    daemon.signal("SIGTERM");
    await daemon.waitForLog("stopping");
    assert.equal((await daemon.get("/readyz")).status, 503);
    assert.equal((await daemon.get("/livez")).status, 200);
    const { responses } = await exchange(daemon.address, QUICK, {
      untilClosed: true,
    });
    assert.equal(responses[0]?.status, 200);
    daemon.signal("SIGTERM"); // a second one skips the delay
    assert.equal((await daemon.exited).code, 0);
  });

  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    test(`${signal} drains without the delay`, async () => {
      const args = ["--workers", "1", "--drain-pre-stop-delay-ms", "60000"];
      const daemon = await startDaemon({ app: APP, args });
      const { outcome } = await runningRequest(daemon, 3_000);
      daemon.signal(signal);
      const { responses, ending } = await outcome;
      assert.equal(responses[0]?.status, 200);
      assert.equal(responses[0]?.headers.connection, "close");
      assert.equal(ending, "fin");
      assert.equal((await daemon.exited).code, 0);
    });
  }

  test("a second INT stops at once", async () => {
    const daemon = await startDaemon({ app: APP, args: ["--workers", "1"] });
    const { outcome } = await runningRequest(daemon, 60_000);
    daemon.signal("SIGINT");
    await daemon.waitForLog("stopping");
    await delay(500); // at once it would be taken for the same one
    daemon.signal("SIGINT");
    assert.equal((await daemon.exited).code, 130);
    assert.deepEqual((await outcome).responses, []);
    assert.deepEqual(daemon.processes(), []);
  });

  test("the drain deadline cuts what is left, counted and logged", async () => {
    const args = [
      ...["--workers", "1", "--drain-deadline-ms", "500"],
      ...["--drain-linger-ms", "100"],
    ];
    const daemon = await startDaemon({ app: APP, args });
    const { outcome } = await runningRequest(daemon, 60_000);
    daemon.signal("SIGQUIT");
    const cut = await daemon.waitForLog((line) => line.forcedCloses === 1);
    assert.equal(cut.role, "worker");
    assert.deepEqual((await outcome).responses, []);
    assert.equal((await daemon.exited).code, 0);
  });

  test("when the master dies, workers finish and leave", async () => {
    const daemon = await startDaemon({ app: APP, args: ["--workers", "2"] });
    const { outcome } = await runningRequest(daemon, 3_000);
    daemon.signal("SIGKILL");
    const { responses } = await outcome;
    assert.equal(responses[0]?.status, 200);
    await waitUntil(() => daemon.processes().length === 0, {
      what: "the workers to leave",
      timeoutMs: 60_000,
    });
  });
});

/** A request that takes so long and has begun; gives what becomes of it. */
async function runningRequest(daemon: Daemon, durationMs: number) {
  const request = `GET /slow/${durationMs} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const outcome = exchange(daemon.address, request, {
    untilClosed: true,
    timeoutMs: 60_000,
  });
  const isRunning = async () => {
    return (await daemon.metricSum("http_server_active_requests")) === 1;
  };
  await waitUntil(isRunning, { what: "the slow request to run" });
  return { outcome };
}
