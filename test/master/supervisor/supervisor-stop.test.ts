import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SupervisorRig } from "./supervisor-rig.ts";

const terminate = { type: "stop", how: "terminate" } as const;
const interrupt = { type: "stop", how: "interrupt" } as const;
const quit = { type: "stop", how: "quit" } as const;
const settings = { drain: { preStopDelayMs: 3_000 } };

describe("TERM", () => {
  it("keeps all open for the pre-stop delay, then drains and leaves", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    rig.enqueue(terminate);
    assert.equal(rig.supervisor.phase, "preStop");
    assert.equal(rig.supervisor.isStopping, true);
    rig.advance(2_900);
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
    rig.advance(100);
    assert.deepEqual(rig.workers, ["1.1 draining", "2.1 draining"]);
    const closing = ["closing", "draining 1.1", "draining 2.1"];
    assert.deepEqual(rig.told.slice(-3), closing);
    for (const fake of rig.processes) fake.leave();
    assert.equal(rig.told.at(-1), "stopped 0");
    assert.equal(rig.supervisor.phase, "stopped");
  });

  it("replaces workers that die during the delay", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    rig.enqueue(terminate);
    rig.process(1).exit(1);
    rig.advance(200);
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 starting"]);
  });

  it("a second time skips the delay", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    rig.enqueue(terminate);
    rig.enqueue(terminate);
    assert.equal(rig.supervisor.phase, "draining");
    rig.advance(5_000);
    const closings = rig.told.filter((what) => what === "closing");
    assert.equal(closings.length, 1, "the delay's end comes to nothing");
  });

  it("does not delay where the delay is 0", (t) => {
    const rig = new SupervisorRig(t, { drain: { preStopDelayMs: 0 } });
    rig.run();
    rig.enqueue(terminate);
    assert.equal(rig.supervisor.phase, "draining");
  });
});

describe("INT and QUIT", () => {
  for (const command of [interrupt, quit]) {
    it(`${command.how} drains without the delay`, (t) => {
      const rig = new SupervisorRig(t, settings);
      rig.run();
      rig.enqueue(command);
      assert.deepEqual(rig.workers, ["1.1 draining", "2.1 draining"]);
      for (const fake of rig.processes) {
        assert.deepEqual(fake.heard, ["drain"]);
        fake.leave();
      }
      assert.equal(rig.told.at(-1), "stopped 0");
    });
  }

  it("an INT after TERM skips the delay, and drains", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.enqueue({ type: "stop", how: "terminate" });
    rig.enqueue({ type: "stop", how: "interrupt" });
    assert.deepEqual(rig.workers, ["1.1 draining", "2.1 draining"]);
    assert.ok(rig.processes.every((process) => process.signals.length === 0));
  });

  it("a second INT kills all and leaves with 130", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    rig.enqueue(interrupt);
    rig.enqueue(interrupt); // the same one, as npm passes it on
    for (const fake of rig.processes) assert.deepEqual(fake.signals, []);
    rig.advance(500);
    rig.enqueue(interrupt);
    for (const fake of rig.processes) {
      assert.deepEqual(fake.signals, ["SIGKILL"]);
      fake.exit(null, "SIGKILL");
    }
    assert.equal(rig.told.at(-1), "stopped 130");
  });

  it("a second QUIT changes nothing", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    rig.enqueue(quit);
    rig.enqueue(quit);
    for (const fake of rig.processes) {
      assert.deepEqual(fake.signals, []);
      assert.deepEqual(fake.heard, ["drain"]);
    }
  });
});

describe("a stop", () => {
  it("drains workers that are starting, once they can hear it", (t) => {
    const rig = new SupervisorRig(t);
    rig.start();
    const [silent, booting] = rig.processes;
    booting?.say({ type: "hello" });
    rig.enqueue(quit);
    assert.deepEqual(booting?.heard, ["drain"]);
    assert.deepEqual(silent?.heard, []);
    silent?.say({ type: "hello" });
    assert.deepEqual(silent?.heard, ["drain"]);
    assert.equal(rig.told.includes("hello 1.1"), false, "it is not booted");
  });

  it("does not replace workers that die", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.enqueue(quit);
    rig.process(1).exit(1);
    rig.advance(2_000);
    assert.deepEqual(rig.workers, ["2.1 draining"]);
    assert.deepEqual(rig.counted("restarts"), {});
  });

  it("does not wait for a worker that should have left", (t) => {
    const drain = { deadlineMs: 5_000, lingerMs: 0 };
    const rig = new SupervisorRig(t, { workers: 1, drain });
    rig.run();
    const fake = rig.process(1);
    rig.enqueue(quit);
    rig.advance(7_000);
    assert.deepEqual(fake.signals, []);
    rig.advance(1_000);
    assert.deepEqual(fake.signals, ["SIGKILL"]);
    fake.exit(null, "SIGKILL");
    assert.equal(rig.told.at(-1), "stopped 0");
    const { drains } = rig.counters.totals().histograms;
    assert.equal(drains, undefined, "it was no drain");
  });

  it("counts how long drains took", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.enqueue(quit);
    rig.advance(1_500);
    for (const fake of rig.processes) fake.leave();
    const { drains } = rig.counters.totals().histograms;
    assert.equal(drains?.[""]?.count, 2);
    assert.equal(drains?.[""]?.sum, 3);
  });

  it("is over at once where there are no workers", (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    rig.process(1).exit(1);
    rig.enqueue(quit);
    assert.equal(rig.told.at(-1), "stopped 0");
  });

  it("leaves no timer behind", (t) => {
    const rig = new SupervisorRig(t, { workers: 1, ...settings });
    rig.run();
    rig.enqueue(terminate);
    rig.enqueue(terminate);
    rig.process(1).leave();
    const { length } = rig.told;
    let ticks = 0;
    rig.loop.enqueue = () => ticks++;
    rig.advance(10_000);
    assert.equal(ticks, 0);
    assert.equal(rig.told.length, length);
  });
});

describe("a stop at once", () => {
  it("kills the workers, and is no failure", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    rig.enqueue({ type: "stop", how: "now" });
    assert.equal(rig.supervisor.phase, "draining");
    for (const fake of rig.processes) {
      assert.deepEqual(fake.signals, ["SIGKILL"]);
      fake.exit(null, "SIGKILL");
    }
    assert.equal(rig.told.at(-1), "stopped 0");
  });

  it("ends a drain that is under way", (t) => {
    const rig = new SupervisorRig(t, settings);
    rig.run();
    rig.enqueue(quit);
    rig.enqueue({ type: "stop", how: "now" });
    for (const fake of rig.processes) {
      assert.deepEqual(fake.signals, ["SIGKILL"]);
    }
  });
});
