import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { WorkerPool } from "../../../../src/master/supervisor/workers/worker-pool.ts";
import { settingsSchema } from "../../../../src/shared/config/settings.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { fakeFork } from "./fake-worker-process.ts";

const settings = settingsSchema.parse({});

function startPool({ mock }: TestContext) {
  mock.method(Math, "random", () => 0.5);
  const clock = new FakeClock(0);
  const events = {
    onMessage: () => {},
    onArrived: () => {},
    onWatchdog: () => {},
    onRefused: () => {},
    onViolation: () => {},
    onGone: () => {},
  };
  const pool = new WorkerPool(fakeFork().fork, clock, events);
  return { pool, clock };
}

describe("the worker pool", () => {
  it("has the workers that were forked, until they are removed", (t) => {
    const { pool, clock } = startPool(t);
    clock.advance(7);
    const one = pool.fork(1, 1, settings);
    const two = pool.fork(2, 1, settings);
    one.markReady(clock.now());
    assert.equal(one.startedAt, 7);
    assert.deepEqual(pool.workers, [one, two]);
    assert.equal(pool.countIn("ready"), 1);
    pool.remove(one);
    pool.remove(one);
    assert.deepEqual(pool.workers, [two]);
  });

  it("gives no two workers the same id", (t) => {
    const { pool } = startPool(t);
    const ids = [1, 1, 2].map((slot) => pool.fork(slot, 1, settings).id);
    assert.equal(new Set(ids).size, 3);
  });
});

describe("a slot whose workers die early", () => {
  it("waits longer each time", (t) => {
    const { pool, clock } = startPool(t);
    const waits = [1, 2, 3].map(() => {
      clock.advance(1_000);
      return pool.backOff(pool.fork(1, 1, settings));
    });
    assert.deepEqual(waits, [100, 200, 400]);
    assert.equal(pool.notBefore.get(1), 3_000 + 400);
  });

  it("waits also after workers that were ready for a moment", (t) => {
    const { pool, clock } = startPool(t);
    const worker = pool.fork(1, 1, settings);
    worker.markReady(clock.now());
    clock.advance(10_000);
    assert.equal(pool.backOff(worker), 100);
  });

  it("does not wait after one that was stable, and forgets the rest", (t) => {
    const { pool, clock } = startPool(t);
    pool.backOff(pool.fork(1, 1, settings));
    pool.backOff(pool.fork(1, 1, settings));
    const stable = pool.fork(1, 1, settings);
    stable.markReady(clock.now());
    clock.advance(10_001);
    assert.equal(pool.backOff(stable), 0);
    assert.equal(pool.backOff(pool.fork(1, 1, settings)), 100);
  });

  it("does not make other slots wait", (t) => {
    const { pool } = startPool(t);
    pool.backOff(pool.fork(1, 1, settings));
    assert.equal(pool.backOff(pool.fork(2, 1, settings)), 100);
    assert.deepEqual([...pool.notBefore.keys()], [1, 2]);
  });

  it("begins anew when a new attempt is asked for", (t) => {
    const { pool } = startPool(t);
    pool.backOff(pool.fork(1, 1, settings));
    pool.forgetFailures();
    assert.equal(pool.notBefore.size, 0);
    assert.equal(pool.backOff(pool.fork(1, 1, settings)), 100);
  });
});
