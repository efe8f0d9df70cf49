import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SupervisorRig } from "./supervisor-rig.ts";

describe("a worker that dies", () => {
  it("is replaced after a wait, and counted", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.process(1).exit(null, "SIGSEGV");
    assert.deepEqual(rig.workers, ["2.1 ready"]);
    rig.advance(50);
    assert.deepEqual(rig.workers, ["2.1 ready"]);
    rig.advance(50);
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 starting"]);
    assert.deepEqual(rig.counted("restarts"), { crash: 1 });
    const [line] = rig.logged("worker died");
    assert.equal(line?.signal, "SIGSEGV");
    assert.equal(line?.waitMs, 100);
  });

  it("is replaced at once where it had been ready for long", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.advance(11_000);
    rig.process(1).exit(1);
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 starting"]);
  });

  it("again and again has to wait longer", (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    for (const waitMs of [100, 200, 400, 800]) {
      rig.process(1).exit(1);
      rig.advance(waitMs - 50);
      assert.deepEqual(rig.workers, [], `before ${waitMs} ms`);
      rig.advance(50);
      assert.deepEqual(rig.workers, ["1.1 starting"], `after ${waitMs} ms`);
      rig.process(1).becomeReady();
    }
  });

  it("as it starts, once the server runs, is tried again", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.process(1).exit(1);
    rig.advance(100);
    rig.process(1).fail("no database");
    assert.equal(rig.supervisor.phase, "running");
    assert.equal(rig.logged("not become ready")[0]?.error, "no database");
    rig.advance(200);
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 starting"]);
    assert.equal(rig.countOf("restarts", "start_failed"), 1);
  });
});

describe("a worker that is silent", () => {
  const settings = { workers: 2, heartbeatTimeoutMs: 4_000 };

  it("is killed, once, and replaced", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    const stuck = rig.process(1);
    rig.silent.add(stuck);
    rig.advance(4_000);
    assert.deepEqual(stuck.signals, []);
    rig.advance(2_000);
    assert.deepEqual(stuck.signals, ["SIGKILL"]);
    stuck.exit(null, "SIGKILL");
    assert.deepEqual(rig.counted("restarts"), { stuck: 1 });
    rig.advance(500);
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 starting"]);
    assert.deepEqual(rig.process(2).signals, []);
  });

  it("is judged from when it got ready, not from when it started", (t) => {
    const rig = new SupervisorRig(t, { ...settings, workers: 1 });
    rig.start();
    rig.advance(6_000);
    const fake = rig.process(1);
    rig.silent.add(fake);
    fake.becomeReady();
    rig.advance(3_500);
    assert.deepEqual(fake.signals, []);
  });

  it("is not blamed where the master itself had slept", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    rig.advance(1_000);
    rig.sleep(60_000);
    // The first thing that is heard is but one of the workers.
    rig.process(1).beat();
    rig.advance(3_000);
    for (const fake of rig.processes) assert.deepEqual(fake.signals, []);
  });

  it("is found after the master had slept, too", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    const stuck = rig.process(1);
    rig.silent.add(stuck);
    rig.sleep(60_000);
    rig.advance(6_000);
    assert.deepEqual(stuck.signals, ["SIGKILL"]);
  });
});

describe("a worker that wants to retire", () => {
  it("serves until its replacement is ready", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    const old = rig.process(1);
    old.say({ type: "retire", why: "memory" });
    const beside = ["1.1 ready", "2.1 ready", "1.1 starting"];
    assert.deepEqual(rig.workers, beside);
    rig.process(1).becomeReady();
    assert.deepEqual(old.heard, ["drain"]);
    old.leave();
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 ready"]);
    assert.deepEqual(rig.counted("restarts"), { retired: 1 });
    assert.equal(rig.logged("retiring")[0]?.why, "memory");
  });

  it("goes on where its replacement does not start", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.process(1).say({ type: "retire", why: "memory" });
    rig.process(1).fail("no database");
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
    rig.advance(500);
    assert.deepEqual(rig.workers.at(-1), "1.1 starting");
  });
});

describe("scaling", () => {
  it("adds a worker, and takes the last slot away", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.enqueue({ type: "scale", by: 1 });
    assert.deepEqual(rig.workers.at(-1), "3.1 starting");
    rig.process(3).becomeReady();
    rig.enqueue({ type: "scale", by: -1 });
    rig.enqueue({ type: "scale", by: -1 });
    const expected = ["1.1 ready", "2.1 draining", "3.1 draining"];
    assert.deepEqual(rig.workers, expected);
    assert.deepEqual(rig.counted("restarts"), { scale: 2 });
  });

  it("leaves one worker at least", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    for (let time = 0; time < 5; time++) rig.enqueue({ type: "scale", by: -1 });
    assert.equal(rig.supervisor.target, 1);
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 draining"]);
  });
});

describe("WINCH", () => {
  it("drains all workers; a reload brings new ones", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.enqueue({ type: "pause" });
    assert.deepEqual(rig.workers, ["1.1 draining", "2.1 draining"]);
    assert.equal(rig.supervisor.target, 0);
    for (const fake of rig.processes) fake.leave();
    rig.advance(5_000);
    assert.deepEqual(rig.workers, []);
    assert.equal(rig.supervisor.phase, "running");
    await rig.reload();
    assert.deepEqual(rig.workers, ["1.2 starting", "2.2 starting"]);
  });

  it("is ignored on a terminal, which sends it when it is resized", (t) => {
    const rig = new SupervisorRig(t, {}, { isOnTerminal: true });
    rig.run();
    rig.enqueue({ type: "pause" });
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
  });
});

describe("a command that is given while another one is handled", () => {
  it("waits for its turn", (t) => {
    const rig = new SupervisorRig(t, { drain: { preStopDelayMs: 1_000 } });
    const phases: string[] = [];
    rig.onTold = (what) => {
      if (what !== "started") return;
      rig.enqueue({ type: "stop", how: "terminate" });
      phases.push(rig.supervisor.phase);
      rig.enqueue({ type: "reload" });
      rig.enqueue({ type: "stop", how: "terminate" });
      phases.push(rig.supervisor.phase);
    };
    rig.run();
    assert.deepEqual(phases, ["running", "running"]);
    assert.equal(rig.supervisor.phase, "draining");
    const messages = rig.lines.map(({ msg }) => String(msg)).slice(-2);
    const expected = ["stopping", "reload ignored: the server is stopping"];
    assert.deepEqual(messages, expected);
  });
});
