import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { startStrictClient } from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/busy-app.js";
const RANGE = [
  ...["--workers", "1-3", "--drain-linger-ms", "2000"],
  // Far from each other: this machine may have other things to do.
  ...["--autoscale-up-utilization", "0.6"],
  ...["--autoscale-down-utilization", "0.5"],
  ...["--autoscale-up-after-ms", "1000"],
  ...["--autoscale-down-after-ms", "2000"],
];

interface Status {
  readonly workersWanted: number;
  readonly scaling: {
    readonly mode: string;
    readonly min: number;
    readonly max: number;
    readonly lastChange: { readonly why: string } | null;
  };
}

after(stopAllDaemons);

/** Requests that take no time, on connections that stay. */
function startCalmClient(daemon: Daemon) {
  return startStrictClient({
    ...daemon.address,
    connections: 8,
    keepAlive: true,
    pauseMs: { min: 50, max: 150 },
    requestTimeoutMs: 15_000,
    mix: [{ method: "GET", path: "/" }],
  });
}

/** Requests that keep every worker busy that there is. */
function startBusyClient(daemon: Daemon) {
  return startStrictClient({
    ...daemon.address,
    connections: 12,
    keepAlive: false,
    pauseMs: { min: 0, max: 0 },
    requestTimeoutMs: 15_000,
    mix: [{ method: "GET", path: "/busy/10" }],
  });
}

function untilWorkers(daemon: Daemon, count: number): Promise<unknown> {
  const isSo = async () => {
    const ready = await daemon.metricSum("server_workers", { state: "ready" });
    const draining = { state: "draining" };
    const left = await daemon.metricSum("server_workers", draining);
    return ready === count && left === 0;
  };
  return waitUntil(isSo, { what: `${count} workers`, timeoutMs: 60_000 });
}

describe("workers: { min, max }", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`follows the load and loses no request, ${scheduling}`, async (t) => {
      const daemon = await startDaemon({
        app: APP,
        args: [...RANGE, "--scheduling", scheduling],
      });
      const calm = startCalmClient(daemon);
      t.after(() => calm.stop());
      const busy = startBusyClient(daemon);
      t.after(() => busy.stop());
      const startedAt = performance.now();
      await untilWorkers(daemon, 3);
      const grown = performance.now() - startedAt;
      // A reload does not take it back to the minimum.
      daemon.signal("SIGHUP");
      await daemon.waitForLog("reloaded", { timeoutMs: 60_000 });
      const { workersWanted: kept } = await daemon.status<Status>();
      assert.equal(kept, 3);
      const ofBusy = await busy.stop();
      await untilWorkers(daemon, 1);
      const ofCalm = await calm.stop();

      for (const report of [ofBusy, ofCalm]) {
        assert.deepEqual(report.failures, []);
        assert.equal(report.idleResets, 0);
        assert.ok(report.answered > 0);
      }
      const name = "server_worker_restarts_total";
      assert.equal(await daemon.metricSum(name, { reason: "scale" }), 2);
      assert.equal(await daemon.metricSum("server_workers_wanted"), 1);
      const { scaling, workersWanted } = await daemon.status<Status>();
      assert.equal(workersWanted, 1);
      assert.deepEqual(
        { ...scaling, lastChange: scaling.lastChange?.why },
        { ...scaling, mode: "auto", min: 1, max: 3, lastChange: "idle" },
      );
      const steps = daemon.logs
        .filter(({ msg }) => msg === "scaling")
        .map(({ from, workers, why }) => `${from} → ${workers} ${why}`);
      assert.deepEqual(steps, [
        ...["1 → 2 busy", "2 → 3 busy"],
        ...["3 → 2 idle", "2 → 1 idle"],
      ]);
      t.diagnostic(
        `${scheduling}: 1 → 3 workers in ${(grown / 1000).toFixed(1)} s, ` +
          `${ofBusy.answered + ofCalm.answered} answered, 0 failed`,
      );
      await daemon.stop();
    });
  }

  test("is overruled by TTIN and TTOU until the next reload", async () => {
    const args = ["--workers", "1-2", "--drain-linger-ms", "100"];
    const daemon = await startDaemon({ app: APP, args });
    for (let time = 0; time < 2; time++) daemon.signal("SIGTTIN");
    await waitUntil(
      async () => (await daemon.status<Status>()).workersWanted > 1,
      { what: "the signal to be heard" },
    );
    daemon.signal("SIGTTIN");
    await untilWorkers(daemon, 3);
    const { scaling } = await daemon.status<Status>();
    assert.equal(scaling.mode, "byHand");
    daemon.signal("SIGHUP");
    await daemon.waitForLog("reloaded");
    await untilWorkers(daemon, 2);
    const status = await daemon.status<Status>();
    assert.equal(status.scaling.mode, "auto");
    await daemon.stop();
  });
});
