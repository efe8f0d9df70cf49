import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SupervisorRig } from "./supervisor-rig.ts";

describe("a start", () => {
  it("forks all workers, and boots each that says hello", (t) => {
    const rig = new SupervisorRig(t, { workers: 3 });
    assert.equal(rig.processes.length, 0);
    rig.start();
    const starting = [1, 2, 3].map((slot) => `${slot}.1 starting`);
    assert.deepEqual(rig.workers, starting);
    rig.process(2).say({ type: "hello" });
    assert.deepEqual(rig.told, ["hello 2.1"]);
    assert.equal(rig.supervisor.phase, "starting");
  });

  it("is over when all workers are ready", (t) => {
    const rig = new SupervisorRig(t);
    rig.start();
    rig.process(1).becomeReady();
    assert.equal(rig.supervisor.phase, "starting");
    rig.process(2).becomeReady();
    assert.equal(rig.supervisor.phase, "running");
    assert.deepEqual(rig.told.slice(-2), ["ready 2.1", "started"]);
    assert.equal(rig.supervisor.lastReload, undefined, "it was no reload");
  });

  it("is told once, whatever happens later", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.process(1).exit(1);
    rig.advance(200);
    rig.process(1).becomeReady();
    const started = rig.told.filter((what) => what === "started");
    assert.equal(started.length, 1);
  });
});

describe("a start whose first worker fails", () => {
  it("kills the others, and stops with code 2 and what was wrong", (t) => {
    const rig = new SupervisorRig(t);
    rig.start();
    const other = rig.process(2);
    rig.process(1).fail("no such module", "Error: no such module\n  at app");
    assert.deepEqual(other.signals, ["SIGKILL"]);
    assert.equal(rig.supervisor.phase, "draining");
    other.exit(null, "SIGKILL");
    assert.equal(rig.told.at(-1), "stopped 2");
    assert.deepEqual(rig.supervisor.startError, {
      message: "no such module",
      stack: "Error: no such module\n  at app",
    });
    assert.equal(rig.processes.length, 2, "none was tried again");
  });

  it("keeps the first reason of several", (t) => {
    const rig = new SupervisorRig(t);
    rig.start();
    const [one, two] = rig.processes;
    one?.fail("first");
    two?.fail("second");
    assert.equal(rig.supervisor.startError?.message, "first");
    assert.equal(rig.told.at(-1), "stopped 2");
  });

  it("says how a worker ended that said nothing", (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.start();
    rig.process(1).exit(3);
    const { startError } = rig.supervisor;
    const expected = "a worker ended with code 3 before it was ready";
    assert.equal(startError?.message, expected);
  });

  it("says which signal ended it", (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.start();
    rig.process(1).exit(null, "SIGSEGV");
    const { startError } = rig.supervisor;
    const expected = "a worker ended by SIGSEGV before it was ready";
    assert.equal(startError?.message, expected);
  });

  it("says that it was not ready in time", (t) => {
    const rig = new SupervisorRig(t, { workers: 1, startTimeoutMs: 3_000 });
    rig.start();
    const fake = rig.process(1);
    rig.advance(3_000);
    assert.deepEqual(fake.signals, []);
    rig.advance(1_000);
    assert.deepEqual(fake.signals, ["SIGKILL"]);
    fake.exit(null, "SIGKILL");
    const { startError } = rig.supervisor;
    const expected = "a worker was not ready within startTimeoutMs";
    assert.equal(startError?.message, expected);
    assert.equal(rig.told.at(-1), "stopped 2");
  });

  it("says that there could be no process", (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.start();
    rig.process(1).neverStart(new Error("spawn node EMFILE"));
    assert.match(rig.supervisor.startError?.message ?? "", /EMFILE/);
    assert.equal(rig.told.at(-1), "stopped 2");
  });
});
