import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { Herd } from "../../src/master/herd.ts";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { playedFork } from "./played-process.ts";

const settings = settingsSchema.parse({});

function startHerd({ mock }: TestContext) {
  mock.method(Math, "random", () => 0.5);
  const clock = new FakeClock(0);
  const events = {
    onMessage: () => {},
    onArrived: () => {},
    onRefused: () => {},
    onViolation: () => {},
    onGone: () => {},
  };
  const herd = new Herd(playedFork().fork, clock, events);
  return { herd, clock };
}

describe("the herd", () => {
  it("has the workers that were forked, until they are removed", (t) => {
    const { herd, clock } = startHerd(t);
    clock.advance(7);
    const one = herd.fork(1, 1, settings);
    const two = herd.fork(2, 1, settings);
    one.moveTo("ready");
    assert.equal(one.startedAt, 7);
    assert.deepEqual(herd.workers, [one, two]);
    assert.equal(herd.countIn("ready"), 1);
    herd.remove(one);
    herd.remove(one);
    assert.deepEqual(herd.workers, [two]);
  });

  it("gives no two workers the same id", (t) => {
    const { herd } = startHerd(t);
    const ids = [1, 1, 2].map((slot) => herd.fork(slot, 1, settings).id);
    assert.equal(new Set(ids).size, 3);
  });
});

describe("a slot whose workers die early", () => {
  it("waits longer each time", (t) => {
    const { herd, clock } = startHerd(t);
    const waits = [1, 2, 3].map(() => {
      clock.advance(1_000);
      return herd.backOff(herd.fork(1, 1, settings));
    });
    assert.deepEqual(waits, [100, 200, 400]);
    assert.equal(herd.notBefore.get(1), 3_000 + 400);
  });

  it("waits also after workers that were ready for a moment", (t) => {
    const { herd, clock } = startHerd(t);
    const worker = herd.fork(1, 1, settings);
    worker.readyAt = clock.now();
    clock.advance(10_000);
    assert.equal(herd.backOff(worker), 100);
  });

  it("does not wait after one that was stable, and forgets the rest", (t) => {
    const { herd, clock } = startHerd(t);
    herd.backOff(herd.fork(1, 1, settings));
    herd.backOff(herd.fork(1, 1, settings));
    const stable = herd.fork(1, 1, settings);
    stable.readyAt = clock.now();
    clock.advance(10_001);
    assert.equal(herd.backOff(stable), 0);
    assert.equal(herd.backOff(herd.fork(1, 1, settings)), 100);
  });

  it("does not make other slots wait", (t) => {
    const { herd } = startHerd(t);
    herd.backOff(herd.fork(1, 1, settings));
    assert.equal(herd.backOff(herd.fork(2, 1, settings)), 100);
    assert.deepEqual([...herd.notBefore.keys()], [1, 2]);
  });

  it("begins anew when a new attempt is asked for", (t) => {
    const { herd } = startHerd(t);
    herd.backOff(herd.fork(1, 1, settings));
    herd.forgetFailures();
    assert.equal(herd.notBefore.size, 0);
    assert.equal(herd.backOff(herd.fork(1, 1, settings)), 100);
  });
});
