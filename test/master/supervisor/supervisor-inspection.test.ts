import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { InspectionKind } from "../../../src/master/supervisor/inspection/inspection-request.ts";
import { type GivenSettings, SupervisorRig } from "./supervisor-rig.ts";

const SNAPSHOT = { kind: "heapSnapshot" } as const;
const PROFILE = { kind: "cpuProfile", seconds: 10 } as const;
const INSPECTOR = { kind: "inspector", openMs: 60_000 } as const;

/** A supervisor with two ready workers and short limits. */
function running(t: TestContext, given: GivenSettings = {}): SupervisorRig {
  const rig = new SupervisorRig(t, { heartbeatTimeoutMs: 3_000, ...given });
  rig.run();
  return rig;
}

/** Begins an inspection of the worker in slot 1. */
function inspect(
  rig: SupervisorRig,
  what: InspectionKind,
  { id = 1, slot = 1, mayStopLast = false } = {},
): void {
  const worker = { slot };
  rig.enqueue({ type: "inspect", request: { id, what, worker, mayStopLast } });
}

function typesOf(rig: SupervisorRig): string[] {
  return rig.inspected.map(({ type }) => type);
}

/** The error of the last event. */
function errorOf(rig: SupervisorRig): string {
  const last = rig.inspected.at(-1);
  return last?.type === "ended" && last.result !== "success" ? last.error : "";
}

describe("an inspection", () => {
  test("tells its caller each step, and the data", (t) => {
    const rig = running(t);
    inspect(rig, PROFILE);
    const worker = rig.process(1);
    assert.deepEqual(worker.asked.at(-1), {
      ...{ type: "begin", id: 1, task: PROFILE },
    });
    worker.answer({ type: "begun", id: 1 });
    worker.answer({ type: "taken", id: 1, seconds: 10 });
    worker.answer({ type: "data", id: 1 }, Buffer.from("{}"));
    worker.answer({ type: "done", id: 1 });
    const steps = ["chosen", "begun", "taken", "data", "ended"];
    assert.deepEqual(typesOf(rig), steps);
    assert.equal(errorOf(rig), "");
    assert.equal(
      rig.told.some((each) => each.startsWith("draining")),
      false,
    );
  });

  test("ignores answers of another worker, and late ones", (t) => {
    const rig = running(t);
    inspect(rig, PROFILE);
    rig.process(2).answer({ type: "done", id: 1 });
    rig.process(1).answer({ type: "taken", id: 1, seconds: 1 });
    rig.process(1).answer({ type: "begun", id: 99 });
    assert.deepEqual(typesOf(rig), ["chosen"]);
    rig.process(1).answer({ type: "failed", id: 1, error: "no" });
    rig.process(1).answer({ type: "done", id: 1 });
    assert.deepEqual(typesOf(rig), ["chosen", "ended"]);
    assert.equal(errorOf(rig), "worker 1 (pid 1001): no");
    assert.equal(rig.counters.totals().numbers.supervisorErrors, undefined);
  });

  test("ends when its worker dies", (t) => {
    const rig = running(t);
    inspect(rig, PROFILE);
    rig.process(1).answer({ type: "begun", id: 1 });
    rig.process(1).exit(null, "SIGSEGV");
    assert.equal(errorOf(rig), "worker 1 (pid 1001): it died by SIGSEGV");
  });

  test("ends when the watchdog never answers", (t) => {
    const rig = running(t);
    inspect(rig, PROFILE);
    rig.advance(11_000);
    assert.match(errorOf(rig), /its watchdog does not answer/);
    assert.deepEqual(rig.process(1).asked.at(-1), { type: "cancel", id: 1 });
  });

  test("is one at a time for a worker; stacks are always read", (t) => {
    const rig = running(t);
    inspect(rig, PROFILE);
    inspect(rig, { kind: "heapProfile", seconds: 1 }, { id: 2 });
    assert.match(errorOf(rig), /has a CPU profile under way/);
    rig.process(1).stacks = [["f (a.js:1:1)"]];
    inspect(rig, { kind: "stacks" }, { id: 3 });
    assert.equal(errorOf(rig), "");
    assert.deepEqual(typesOf(rig).slice(-2), ["stacks", "ended"]);
  });

  test("needs a worker with a watchdog", (t) => {
    const rig = running(t, { watchdog: false });
    inspect(rig, PROFILE);
    assert.match(errorOf(rig), /no watchdog thread/);
    inspect(rig, PROFILE, { slot: 3 });
    assert.equal(errorOf(rig), "there is no worker 3");
  });
});

describe("a heap snapshot", () => {
  test("takes its worker out of dispatching until it goes on", (t) => {
    const rig = running(t);
    inspect(rig, SNAPSHOT);
    assert.equal(rig.told.at(-1), "draining 1.1");
    const worker = rig.process(1);
    worker.answer({ type: "begun", id: 1 });
    worker.answer({ type: "data", id: 1 }, Buffer.from("{"));
    assert.equal(rig.told.at(-1), "draining 1.1");
    worker.answer({ type: "taken", id: 1, seconds: 2 });
    assert.equal(rig.told.at(-1), "restored 1.1");
    worker.answer({ type: "done", id: 1 });
    assert.equal(rig.told.filter((each) => each === "restored 1.1").length, 1);
  });

  test("does not get its silent worker killed", (t) => {
    const rig = running(t);
    inspect(rig, SNAPSHOT);
    const worker = rig.process(1);
    worker.answer({ type: "begun", id: 1 });
    rig.silent.add(worker);
    for (let passed = 0; passed < 5; passed++) {
      rig.advance(10_000);
      worker.answer({ type: "progress", id: 1, done: passed, total: 5 });
    }
    assert.deepEqual(worker.signals, []);
    worker.answer({ type: "taken", id: 1, seconds: 50 });
    worker.answer({ type: "done", id: 1 });
    rig.advance(2_000);
    assert.deepEqual(worker.signals, [], "it has its whole time again");
    rig.advance(2_000);
    assert.deepEqual(worker.signals, ["SIGKILL"], "now it is stuck");
  });

  test("of a worker that never answers protects it for a minute", (t) => {
    const rig = running(t);
    inspect(rig, SNAPSHOT);
    const worker = rig.process(1);
    worker.answer({ type: "begun", id: 1 });
    rig.silent.add(worker);
    rig.advance(61_000);
    assert.match(errorOf(rig), /does not answer/);
    assert.equal(rig.told.at(-1), "restored 1.1");
    rig.advance(4_000);
    assert.deepEqual(worker.signals, ["SIGKILL"]);
  });

  test("is not begun while another worker is stopped for one", (t) => {
    const rig = running(t);
    inspect(rig, SNAPSHOT);
    inspect(rig, SNAPSHOT, { id: 2, slot: 2 });
    assert.match(errorOf(rig), /another worker is under way/);
  });

  test("stops the only ready worker only if it may", (t) => {
    const rig = running(t, { workers: 1 });
    inspect(rig, SNAPSHOT);
    assert.match(errorOf(rig), /the only one that is ready/);
    inspect(rig, SNAPSHOT, { mayStopLast: true });
    assert.equal(rig.told.at(-1), "draining 1.1");
  });

  test("does not bring a worker back that drains meanwhile", async (t) => {
    const rig = running(t);
    inspect(rig, SNAPSHOT);
    const worker = rig.process(1);
    worker.answer({ type: "begun", id: 1 });
    await rig.reload();
    for (const each of rig.processes) each.becomeReady();
    assert.equal(rig.workers.includes("1.1 draining"), true);
    worker.answer({ type: "taken", id: 1, seconds: 1 });
    assert.equal(rig.told.includes("restored 1.1"), false);
  });

  test("whose caller has gone ends when the worker goes on", (t) => {
    const rig = running(t);
    inspect(rig, SNAPSHOT);
    const worker = rig.process(1);
    worker.answer({ type: "begun", id: 1 });
    rig.enqueue({ type: "cancelInspection", id: 1 });
    assert.deepEqual(worker.asked.at(-1), { type: "cancel", id: 1 });
    assert.equal(rig.told.at(-1), "draining 1.1");
    worker.answer({ type: "taken", id: 1, seconds: 1 });
    assert.equal(rig.told.at(-1), "restored 1.1");
  });
});

describe("the inspector of a worker", () => {
  test("stays open for its time, and excuses breakpoints", (t) => {
    const rig = running(t);
    inspect(rig, INSPECTOR);
    const worker = rig.process(1);
    worker.answer({ type: "opened", id: 1, url: "ws://127.0.0.1:1/a" });
    rig.silent.add(worker);
    rig.advance(59_000);
    assert.deepEqual(worker.signals, []);
    rig.advance(2_000);
    assert.deepEqual(worker.asked.at(-1), { type: "cancel", id: 1 });
    worker.answer({ type: "done", id: 1 });
    assert.equal(rig.logged("inspector closed").length, 1);
    rig.advance(4_000);
    assert.deepEqual(worker.signals, ["SIGKILL"]);
  });

  test("is closed by its slot", (t) => {
    const rig = running(t);
    inspect(rig, INSPECTOR);
    rig.process(1).answer({ type: "opened", id: 1, url: "ws://a" });
    rig.enqueue({ type: "closeInspector", slot: 2 });
    assert.equal(rig.process(1).asked.length, 1);
    rig.enqueue({ type: "closeInspector", slot: 1 });
    assert.deepEqual(rig.process(1).asked.at(-1), { type: "cancel", id: 1 });
  });
});
