import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { adminRoutes } from "../../../src/master/admin/master-pages.ts";
import { masterReadiness } from "../../../src/master/admin/server-readiness.ts";
import {
  type StatusSources,
  statusReport,
} from "../../../src/master/admin/status-report.ts";
import type { Listening } from "../../../src/master/sockets/listener-set.ts";
import { packageVersion } from "../../../src/shared/package-version.ts";
import { setStats } from "../metrics/worker-reports.ts";
import {
  type GivenSettings,
  SupervisorRig,
} from "../supervisor/supervisor-rig.ts";

const AGENT_CHECK = { host: "::", port: 8081, answer: "up ready 90%" };

const STOP = { type: "stop", how: "terminate" } as const;

const LISTENING: Listening = {
  ...{ host: "127.0.0.1", port: 8080 },
  ...{ scheme: "https", scheduling: "shared" },
};

function sourcesOf({ supervisor: server, pool }: SupervisorRig): StatusSources {
  for (const worker of pool.workers) {
    setStats(worker, { requestCount: 100 * worker.id });
  }
  return {
    server,
    workers: pool.workers,
    listening: [LISTENING],
    agentCheck: AGENT_CHECK,
    startedAt: -2_000,
    now: 1_500,
  };
}

function runningRig(t: TestContext, given: GivenSettings = {}): SupervisorRig {
  const rig = new SupervisorRig(t, given);
  rig.run();
  return rig;
}

describe("the server is ready", () => {
  const ready = (rig: SupervisorRig) => masterReadiness(sourcesOf(rig));

  it("once minReady workers are", (t) => {
    const rig = new SupervisorRig(t, { workers: 3, minReady: 2 });
    rig.start();
    rig.process(3).becomeReady();
    const why = "1 of 3 workers are ready";
    assert.deepEqual(ready(rig), { isReady: false, why });
    rig.process(1).becomeReady();
    assert.equal(ready(rig).isReady, true);
  });

  it("still when one of more workers is replaced", (t) => {
    const rig = runningRig(t);
    rig.process(1).exit(1);
    const why = "1 of 2 workers are ready";
    assert.deepEqual(ready(rig), { isReady: true, why });
  });

  it("not when none is left", (t) => {
    const rig = runningRig(t, { workers: 1 });
    rig.process(1).exit(1);
    assert.equal(ready(rig).isReady, false);
  });

  it("not from the moment that it stops, though it serves on", (t) => {
    const rig = runningRig(t);
    rig.enqueue(STOP);
    assert.deepEqual(ready(rig), { isReady: false, why: "stopping" });
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
  });

  it("throughout a reload", async (t) => {
    const rig = runningRig(t, { workers: 2, minReady: 2 });
    await rig.reload({ workers: 2, minReady: 2 });
    assert.equal(ready(rig).isReady, true);
    rig.process(1).becomeReady();
    assert.equal(ready(rig).isReady, true);
  });
});

describe("the status", () => {
  it("says what runs, where and since when", (t) => {
    const rig = runningRig(t, { app: "/srv/app.js" });
    const { workers, ...report } = statusReport(sourcesOf(rig));
    assert.equal(workers.length, 2);
    assert.deepEqual(report, {
      version: packageVersion(),
      node: process.version,
      pid: process.pid,
      phase: "running",
      isReady: true,
      readiness: "2 of 2 workers are ready",
      uptimeSeconds: 3.5,
      listening: [LISTENING],
      agentCheck: AGENT_CHECK,
      app: "/srv/app.js",
      appPath: "/srv/app.js",
      generation: 1,
      workersWanted: 2,
      scaling: {
        mode: "fixed",
        min: 2,
        max: 2,
        utilization: null,
        lastChange: null,
      },
      roll: null,
      lastReload: null,
      upgrade: { state: "idle", predecessorPid: null },
      lastUpgrade: null,
      degraded: null,
      logLevel: { level: "info", configured: "info", secondsLeft: null },
    });
  });

  it("says how each worker is", (t) => {
    const rig = runningRig(t);
    const [worker] = rig.pool.workers;
    assert.ok(worker);
    worker.recordUsage({ memoryBytes: 12_345, cpuSeconds: 0.5 });
    const checks = [
      { name: "db", ageSeconds: 1, failure: undefined },
      { name: "disk", ageSeconds: 2, failure: "full" },
    ];
    const gauges = {
      openConnections: 7,
      idleConnections: 4,
      activeRequests: 3,
      eventLoopUtilization: 1 / 3,
    };
    setStats(worker, { checks, gauges });
    const [first, second] = statusReport(sourcesOf(rig)).workers;
    assert.deepEqual(first, {
      slot: 1,
      pid: 1001,
      state: "ready",
      isWarmingUp: false,
      generation: 1,
      uptimeSeconds: 1.5,
      connections: 7,
      activeRequests: 3,
      requests: 100,
      memoryBytes: 12_345,
      cpuSeconds: 0.5,
      eventLoopUtilization: 0.3333,
      heartbeatAgeSeconds: 1.5,
      checks: [
        { name: "db", status: "pass", failure: null, ageSeconds: 1 },
        { name: "disk", status: "fail", failure: "full", ageSeconds: 2 },
      ],
    });
    assert.equal(second?.slot, 2);
    assert.equal(second?.requests, 200);
  });

  it("says how far a rolling restart is, and how it ended", async (t) => {
    const rig = runningRig(t);
    await rig.reload();
    rig.process(1).becomeReady();
    const { roll } = statusReport(sourcesOf(rig));
    const replacing = {
      generation: 2,
      phase: "replacing",
      replaced: 1,
      of: 2,
      seconds: 1.5,
      error: null,
    };
    assert.deepEqual(roll, replacing);
    rig.process(2).fail("bad deploy");
    const report = statusReport(sourcesOf(rig));
    assert.deepEqual(report.roll, {
      ...replacing,
      phase: "returning",
      error: "bad deploy",
    });
    assert.equal(report.lastReload?.result, "failure");
    assert.equal(report.lastReload?.error, "bad deploy");
    assert.equal(report.generation, 1);
  });
});

describe("the admin routes", () => {
  async function ask(rig: SupervisorRig, path: string) {
    const routes = adminRoutes({
      status: () => sourcesOf(rig),
      metrics: () => assert.fail("nobody asks for metrics"),
    });
    const answer = await routes.get(path)?.({
      ...{ method: "GET", path, query: new URLSearchParams(), headers: {} },
    });
    assert.ok(answer, `there is no ${path}`);
    return answer;
  }

  it("say alive as long as anything is said", async (t) => {
    const rig = runningRig(t);
    rig.enqueue(STOP);
    const { status, body } = await ask(rig, "/livez");
    assert.deepEqual({ status, body }, { status: 200, body: "alive\n" });
  });

  it("say ready with 200, and why not with 503", async (t) => {
    const rig = runningRig(t);
    const { status, body } = await ask(rig, "/readyz");
    assert.deepEqual({ status, body }, { status: 200, body: "ready\n" });
    rig.enqueue(STOP);
    const later = await ask(rig, "/readyz");
    assert.equal(later.status, 503);
    assert.equal(later.body, "stopping\n");
  });

  it("tell the health with the workers, as JSON", async (t) => {
    const rig = runningRig(t);
    const { status, body, contentType } = await ask(rig, "/healthz");
    assert.equal(status, 200);
    assert.equal(contentType, "application/json");
    const health = JSON.parse(body);
    assert.equal(health.status, "pass");
    assert.equal(health.workers.length, 2);
    rig.enqueue(STOP);
    const later = await ask(rig, "/healthz");
    assert.equal(later.status, 503);
    assert.equal(JSON.parse(later.body).status, "fail");
  });

  it("tell a health that fails with a check of the app", async (t) => {
    const rig = runningRig(t);
    const [worker] = rig.pool.workers;
    assert.ok(worker);
    const checks = [{ name: "disk", ageSeconds: 2, failure: "full" }];
    setStats(worker, { checks });
    const { status, body } = await ask(rig, "/healthz");
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body).failing, ["disk"]);
    assert.equal((await ask(rig, "/readyz")).status, 200);
  });

  it("tell the status, also of a server that stops, with 200", async (t) => {
    const rig = runningRig(t);
    rig.enqueue(STOP);
    const { status, body } = await ask(rig, "/status");
    assert.equal(status, 200);
    const report = JSON.parse(JSON.stringify(statusReport(sourcesOf(rig))));
    assert.deepEqual(JSON.parse(body), report);
  });
});
