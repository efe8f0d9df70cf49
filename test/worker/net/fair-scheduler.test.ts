import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { setImmediate as nextIteration } from "node:timers/promises";
import {
  FairScheduler,
  TIME_SLICE_MS,
} from "../../../src/worker/net/fair-scheduler.ts";
import { FakeClock } from "../../support/fake-clock.ts";

let clock: FakeClock;
let scheduler: FairScheduler;

beforeEach(() => {
  clock = new FakeClock();
  scheduler = new FairScheduler(clock);
});

describe("an iteration of the event loop", () => {
  test("has time until the time slice is used up", () => {
    assert.equal(scheduler.hasTime(clock.now()), true);
    clock.advance(TIME_SLICE_MS / 2);
    assert.equal(scheduler.hasTime(clock.now()), true);
    clock.advance(TIME_SLICE_MS);
    assert.equal(scheduler.hasTime(clock.now()), false);
  });

  test("is measured from the first check", () => {
    clock.advance(100);
    assert.equal(scheduler.isMeasuring, false);
    assert.equal(scheduler.hasTime(clock.now()), true);
    assert.equal(scheduler.isMeasuring, true);
  });

  test("is followed by one that has time again", async () => {
    scheduler.hasTime(clock.now());
    clock.advance(TIME_SLICE_MS);
    assert.equal(scheduler.hasTime(clock.now()), false);
    const { iteration } = scheduler;
    await nextIteration();
    assert.equal(scheduler.isMeasuring, false);
    assert.equal(scheduler.iteration, iteration + 1);
    assert.equal(scheduler.hasTime(clock.now()), true);
  });
});

describe("yielders", () => {
  test("continue in a later iteration, in order", async () => {
    const order: string[] = [];
    for (const name of ["a", "b", "c"]) {
      scheduler.enqueue({ onTimeSlice: () => order.push(name) });
    }
    assert.deepEqual(order, []);
    await nextIteration();
    assert.deepEqual(order, ["a", "b", "c"]);
  });

  test("share one time slice per iteration", async () => {
    const order: string[] = [];
    for (const name of ["a", "b", "c"]) {
      scheduler.enqueue({
        onTimeSlice: () => {
          order.push(name);
          clock.advance(TIME_SLICE_MS * 0.6);
        },
      });
    }
    await nextIteration();
    assert.deepEqual(order, ["a", "b"]);
    await nextIteration();
    assert.deepEqual(order, ["a", "b", "c"]);
  });

  test("queue up behind the others when they yield again", async () => {
    const order: string[] = [];
    const greedy = {
      onTimeSlice: () => {
        order.push("greedy");
        if (order.length < 5) scheduler.enqueue(greedy);
      },
    };
    scheduler.enqueue(greedy);
    scheduler.enqueue({ onTimeSlice: () => order.push("modest") });
    await nextIteration();
    assert.deepEqual(order, ["greedy", "modest"]);
    await nextIteration();
    assert.deepEqual(order, ["greedy", "modest", "greedy"]);
  });
});
