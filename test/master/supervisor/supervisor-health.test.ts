import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { quietReport, setStats } from "../metrics/worker-reports.ts";
import { type GivenSettings, SupervisorRig } from "./supervisor-rig.ts";

/** Of pino. */
const DEBUG = 20;

function memory(memoryBytes: number) {
  return { memoryBytes, cpuSeconds: 0 };
}

/** A running pool; the workers are told apart by their processes. */
function runningRig(t: TestContext, given: GivenSettings = {}) {
  const rig = new SupervisorRig(t, given);
  rig.run();
  return rig;
}

function worker(rig: SupervisorRig, slot: number) {
  const found = rig.pool.workers.findLast((each) => each.slot === slot);
  assert.ok(found);
  return found;
}

describe("a worker over a limit", () => {
  it("is replaced, the new one first, and counted by its reason", (t) => {
    const rig = runningRig(t, { maxWorkerMemoryBytes: 1_000 });
    rig.advance(20_000);
    worker(rig, 1).recordUsage(memory(1_001));
    rig.advance(500);
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready", "1.1 starting"]);
    rig.process(1).becomeReady();
    assert.deepEqual(rig.workers, ["1.1 draining", "2.1 ready", "1.1 ready"]);
    assert.equal(rig.countOf("restarts", "memory"), 1);
    assert.equal(rig.supervisor.degraded, undefined);
    const [line] = rig.logged("over a limit");
    assert.equal(line?.reason, "memory");
    assert.equal(line?.memoryBytes, 1_001);
  });

  it("waits until the one before it has left", (t) => {
    const rig = runningRig(t, { maxWorkerAgeMs: 20_000 });
    const [first, second] = rig.processes;
    rig.advance(20_000);
    rig.process(1).becomeReady();
    assert.deepEqual(first?.heard.at(-1), "drain");
    rig.advance(5_000);
    assert.notEqual(second?.heard.at(-1), "drain");
    first?.leave();
    rig.advance(500);
    rig.process(2).becomeReady();
    assert.deepEqual(second?.heard.at(-1), "drain");
    assert.equal(rig.countOf("restarts", "age"), 2);
  });

  it("is not replaced for it during a roll, which replaces it anyway", async (t) => {
    const rig = runningRig(t, { maxRequestsPerWorker: 10 });
    await rig.reload();
    setStats(worker(rig, 2), { requestCount: 10 });
    rig.advance(2_000);
    assert.equal(rig.logged("over a limit").length, 0);
  });

  it("as soon as it is ready makes no hot loop", (t) => {
    const limits = { maxFailures: 3, windowMs: 60_000 };
    const given = { maxWorkerMemoryBytes: 1_000, crashLoop: limits };
    const rig = runningRig(t, { ...given, workers: 1 });
    const [first] = rig.processes;
    for (let passed = 0; passed < 120_000; passed += 500) {
      for (const each of rig.pool.workers) each.recordUsage(memory(1_500));
      rig.advance(500);
      for (const { pid, state } of [...rig.pool.workers]) {
        const fake = rig.processes.find((each) => each.pid === pid);
        if (state === "starting") fake?.becomeReady();
        if (state === "draining") fake?.leave();
      }
    }
    assert.ok(first);
    assert.ok(rig.processes.length < 15, `${rig.processes.length} workers`);
    assert.equal(rig.supervisor.degraded?.lastFailure.reason, "memory");
  });

  it("is killed at twice the memory, and replaced at once", (t) => {
    const rig = runningRig(t, { maxWorkerMemoryBytes: 1_000 });
    rig.advance(20_000);
    const hog = rig.process(1);
    worker(rig, 1).recordUsage(memory(2_001));
    rig.advance(500);
    assert.deepEqual(hog.signals, ["SIGKILL"]);
    assert.deepEqual(rig.workers, [
      "1.1 draining",
      "2.1 ready",
      "1.1 starting",
    ]);
    assert.equal(rig.countOf("restarts", "memory"), 1);
  });
});

describe("a stuck worker", () => {
  const settings = { heartbeatTimeoutMs: 4_000 };

  it("is replaced before its process is gone", (t) => {
    const rig = runningRig(t, settings);
    rig.advance(12_000);
    const stuck = rig.process(1);
    rig.silent.add(stuck);
    rig.advance(5_000);
    assert.deepEqual(rig.workers, [
      "1.1 draining",
      "2.1 ready",
      "1.1 starting",
    ]);
    assert.ok(rig.told.includes("draining 1.1"), "it gets no connections");
    stuck.exit(null, "SIGKILL");
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 starting"]);
    assert.equal(rig.countOf("restarts", "stuck"), 1);
    assert.equal(rig.countOf("restarts", "crash"), 0);
  });

  it("is asked first what it does", (t) => {
    const rig = runningRig(t, settings);
    const stuck = rig.process(1);
    stuck.stacks = [["spin (app.js:1:1)", "handler (app.js:2:2)"]];
    rig.silent.add(stuck);
    rig.advance(5_000);
    const [line] = rig.logged("killed worker");
    assert.equal(line?.reason, "stuck");
    assert.deepEqual(line?.stack, stuck.stacks[0]);
  });

  it("that does not answer is killed all the same", (t) => {
    const rig = runningRig(t, settings);
    const stuck = rig.process(1);
    stuck.stacks = undefined;
    rig.silent.add(stuck);
    rig.advance(4_600);
    assert.deepEqual(stuck.signals, []);
    rig.advance(4_000);
    assert.deepEqual(stuck.signals, ["SIGKILL"]);
  });

  it("is found while it drains, too", (t) => {
    const rig = runningRig(t, settings);
    const stuck = rig.process(1);
    rig.enqueue({ type: "stop", how: "quit" });
    rig.process(2).leave();
    rig.advance(5_000);
    assert.deepEqual(stuck.signals, ["SIGKILL"]);
    stuck.exit(null, "SIGKILL");
    assert.equal(rig.supervisor.phase, "stopped");
  });
});

describe("a worker that gets ready as it is to be killed", () => {
  it("is too late", (t) => {
    const rig = runningRig(t, { workers: 1, startTimeoutMs: 3_000 });
    rig.process(1).exit(1);
    rig.advance(500);
    const late = rig.process(1);
    late.stacks = undefined;
    rig.advance(3_500);
    late.becomeReady();
    assert.deepEqual(rig.workers, ["1.1 starting"]);
    rig.advance(4_000);
    assert.deepEqual(late.signals, ["SIGKILL"]);
    late.exit(null, "SIGKILL");
    assert.equal(rig.countOf("restarts", "start_failed"), 1);
  });
});

describe("workers that fail again and again", () => {
  const crashLoop = { maxFailures: 3, windowMs: 10_000 };

  function degradedRig(t: TestContext) {
    const rig = runningRig(t, { workers: 1, crashLoop });
    for (let failures = 0; failures < 3; failures++) {
      rig.process(1).exit(1);
      rig.advance(1_000);
      rig.process(1).becomeReady();
    }
    return rig;
  }

  it("make the pool degraded, which the log says once", (t) => {
    const rig = degradedRig(t);
    assert.deepEqual(rig.supervisor.degraded?.lastFailure, {
      reason: "crash",
      slot: 1,
      error: "ended with code 1",
    });
    assert.equal(rig.logged("degraded").length, 1);
  });

  it("are not logged one by one then, but summed up", (t) => {
    const rig = degradedRig(t);
    const said = () => {
      const lines = rig.logged("worker died");
      return lines.filter(({ level }) => Number(level) > DEBUG).length;
    };
    const before = said();
    for (let seconds = 0; seconds < 120; seconds++) {
      const isReady = rig.workers.includes("1.1 ready");
      const isStarting = rig.workers.includes("1.1 starting");
      if (isStarting) rig.process(1).becomeReady();
      if (isReady) rig.process(1).exit(1);
      rig.advance(1_000);
    }
    assert.equal(said(), before);
    const sums = rig.logged("still degraded");
    assert.equal(sums.length, 2);
    assert.ok(rig.processes.length < 15, `${rig.processes.length} workers`);
  });

  it("wait for a second at least then", (t) => {
    const rig = degradedRig(t);
    rig.process(1).exit(1);
    rig.advance(950);
    assert.deepEqual(rig.workers, []);
    rig.advance(500);
    assert.deepEqual(rig.workers, ["1.1 starting"]);
  });

  it("are forgotten once all was well for the window", (t) => {
    const rig = degradedRig(t);
    rig.advance(9_000);
    assert.ok(rig.supervisor.degraded);
    rig.advance(2_000);
    assert.equal(rig.supervisor.degraded, undefined);
    assert.equal(rig.logged("no longer degraded").length, 1);
  });

  it("are forgotten when a reload begins", async (t) => {
    const rig = degradedRig(t);
    await rig.reload({ workers: 1, crashLoop });
    assert.equal(rig.supervisor.degraded, undefined);
  });
});

describe("a health check of the app", () => {
  it("that fails is logged once, and ends no worker", (t) => {
    const rig = runningRig(t, { workers: 1 });
    const fake = rig.process(1);
    const check = (failure: string | undefined) => {
      const checks = [{ name: "db", ageSeconds: 0, failure }];
      fake.say({ type: "heartbeat", report: quietReport(checks) });
      setStats(worker(rig, 1), { checks });
    };
    check(undefined);
    check("no route to host");
    check("no route to host");
    check(undefined);
    assert.equal(rig.logged("health check fails").length, 1);
    assert.equal(rig.logged("health check passes again").length, 1);
    assert.deepEqual(rig.workers, ["1.1 ready"]);
  });
});
