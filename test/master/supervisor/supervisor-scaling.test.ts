import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type GivenSettings, SupervisorRig } from "./supervisor-rig.ts";

const RANGE: GivenSettings = {
  workers: { min: 1, max: 3 },
  autoscale: { upAfterMs: 2_000, downAfterMs: 5_000 },
};

function runningRig(t: TestContext, given: GivenSettings = RANGE) {
  const rig = new SupervisorRig(t, given);
  rig.run();
  return rig;
}

/** Time passes; workers that start get ready, those that drain leave. */
function live(rig: SupervisorRig, seconds: number): void {
  for (let passed = 0; passed < seconds * 1_000; passed += 250) {
    rig.advance(250);
    for (const { id, state } of [...rig.pool.workers]) {
      const fake = rig.processes[id - 1];
      if (state === "starting") fake?.becomeReady();
      if (state === "draining") fake?.leave();
    }
  }
}

function changes(rig: SupervisorRig): string[] {
  return rig.logged("scaling").map(({ from, workers, why }) => {
    return `${from} → ${workers} ${why}`;
  });
}

describe("between two bounds", () => {
  it("begins with the lower one", (t) => {
    const rig = runningRig(t);
    assert.deepEqual(rig.workers, ["1.1 ready"]);
    assert.equal(rig.supervisor.scaling.mode, "auto");
  });

  it("follows the load up and down, and says why", (t) => {
    const rig = runningRig(t);
    rig.load = 2.1;
    live(rig, 30);
    assert.deepEqual(changes(rig), ["1 → 2 busy", "2 → 3 busy"]);
    assert.equal(rig.logged("scaling")[0]?.utilization, 1);
    assert.equal(rig.pool.countIn("ready"), 3);
    rig.load = 0;
    live(rig, 30);
    assert.deepEqual(changes(rig).slice(2), ["3 → 2 idle", "2 → 1 idle"]);
    assert.deepEqual(rig.workers, ["1.1 ready"]);
    assert.equal(rig.countOf("restarts", "scale"), 2);
    const { lastChange } = rig.supervisor.scaling;
    assert.equal(lastChange?.why, "idle");
    assert.equal(lastChange?.utilization, 0);
  });

  it("waits until new workers are there before it looks again", (t) => {
    const rig = runningRig(t);
    rig.load = 9;
    rig.advance(60_000);
    assert.deepEqual(changes(rig), ["1 → 2 busy"]);
  });

  it("goes on to look while workers are replaced one by one", (t) => {
    const rig = runningRig(t, { ...RANGE, workers: { min: 2, max: 3 } });
    rig.load = 1.9;
    for (let time = 0; time < 4; time++) {
      rig.process(1 + (time % 2)).say({ type: "retire", why: "age" });
      live(rig, 1.5);
    }
    assert.deepEqual(changes(rig), ["2 → 3 busy"]);
  });

  it("keeps what was chosen through a reload, within the new bounds", async (t) => {
    const rig = runningRig(t);
    rig.load = 2.1;
    live(rig, 30);
    await rig.reload(RANGE);
    assert.equal(rig.supervisor.target, 3);
    await rig.reload({ ...RANGE, workers: { min: 1, max: 2 } });
    live(rig, 5);
    assert.equal(rig.supervisor.target, 2);
    assert.deepEqual(rig.workers, ["1.3 ready", "2.3 ready"]);
  });

  it("changes nothing while a reload is under way", async (t) => {
    const rig = runningRig(t, { ...RANGE, workers: { min: 2, max: 3 } });
    await rig.reload({ ...RANGE, workers: { min: 2, max: 3 } });
    rig.load = 9;
    rig.advance(20_000);
    assert.deepEqual(changes(rig), []);
    live(rig, 10);
    assert.deepEqual(changes(rig), ["2 → 3 busy"]);
  });

  it("changes nothing while another master starts beside it", (t) => {
    const rig = runningRig(t);
    const successor = rig.upgrade();
    rig.load = 9;
    live(rig, 10);
    assert.deepEqual(changes(rig), []);
    successor.leave();
    live(rig, 10);
    assert.deepEqual(changes(rig)[0], "1 → 2 busy");
  });

  it("changes nothing after WINCH, or while it stops", (t) => {
    const rig = runningRig(t, { ...RANGE, workers: { min: 2, max: 3 } });
    rig.load = 9;
    rig.enqueue({ type: "stop", how: "terminate" });
    rig.advance(4_000);
    assert.deepEqual(changes(rig), []);
  });

  it("is not misled by heartbeats of long ago", (t) => {
    const rig = runningRig(t);
    rig.load = 1;
    rig.advance(1_000);
    for (const fake of rig.processes) rig.silent.add(fake);
    rig.advance(8_000);
    assert.deepEqual(changes(rig), []);
  });
});

describe("scaling by hand", () => {
  it("goes to any number, also beyond the bounds", (t) => {
    const rig = runningRig(t);
    rig.enqueue({ type: "scaleTo", workers: 5 });
    assert.equal(rig.supervisor.target, 5);
    rig.enqueue({ type: "scaleTo", workers: 5_000 });
    assert.equal(rig.supervisor.target, 1_024);
  });

  it("leaves as many as must be ready", (t) => {
    const rig = runningRig(t, { workers: 3, minReady: 2 });
    rig.enqueue({ type: "scaleTo", workers: 0 });
    assert.equal(rig.supervisor.target, 2);
  });

  it("holds against the load until the next reload", async (t) => {
    const rig = runningRig(t);
    rig.enqueue({ type: "scaleTo", workers: 2 });
    assert.equal(rig.supervisor.scaling.mode, "byHand");
    live(rig, 30);
    assert.equal(rig.supervisor.target, 2);
    await rig.reload(RANGE);
    live(rig, 30);
    assert.equal(rig.supervisor.scaling.mode, "auto");
    assert.deepEqual(changes(rig), ["1 → 2 told", "2 → 1 idle"]);
  });

  it("holds after a reload that fails", async (t) => {
    const rig = runningRig(t);
    rig.enqueue({ type: "scaleTo", workers: 2 });
    live(rig, 1);
    await rig.reload(RANGE);
    rig.enqueue({ type: "scaleTo", workers: 3 });
    rig.process(1).fail("bad deploy");
    assert.equal(rig.supervisor.generation, 1);
    assert.equal(rig.supervisor.target, 3);
    assert.equal(rig.supervisor.scaling.mode, "byHand");
  });
});
