import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type DeadlineHolder,
  DeadlineWheel,
  TICK_MS,
  UNFILED,
} from "../../../src/worker/net/deadline-wheel.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

let clock: FakeClock;
let wheel: DeadlineWheel;
/** Timers that have been started and not stopped. */
let timers: Set<unknown>;

beforeEach(() => {
  clock = new FakeClock(1_234_567.8);
  timers = new Set();
  const { setInterval: start, clearInterval: stop } = globalThis;
  mock.method(globalThis, "setInterval", (...args: [() => void, number]) => {
    const timer = start(...args);
    timers.add(timer);
    return timer;
  });
  mock.method(globalThis, "clearInterval", (timer: NodeJS.Timeout) => {
    timers.delete(timer);
    stop(timer);
  });
  wheel = new DeadlineWheel(clock);
});

afterEach(() => {
  wheel.stop();
  mock.restoreAll();
});

class Holder implements DeadlineHolder {
  deadlineAt: number;
  wheelTick = UNFILED;
  readonly passedAt: number[] = [];
  onPassed: () => void = () => {};

  constructor(inMs: number) {
    this.deadlineAt = clock.now() + inMs;
  }

  onDeadlinePassed(now: number): void {
    assert.equal(now, clock.now());
    this.passedAt.push(now);
    this.onPassed();
  }

  get isPassed(): boolean {
    return this.passedAt.length > 0;
  }
}

function file(inMs: number): Holder {
  const holder = new Holder(inMs);
  wheel.file(holder);
  return holder;
}

/** Lets time pass as the timer would. */
function run(ms: number): void {
  const until = clock.now() + ms;
  while (clock.now() < until) {
    clock.advance(Math.min(TICK_MS, until - clock.now()));
    wheel.advance();
  }
}

describe("a deadline", () => {
  test("is noticed within a tick, and never before", () => {
    const random = seededRandom(7);
    const holders = Array.from({ length: 1_000 }, () => {
      return file(random() * 300_000);
    });
    run(300_000 + 2 * TICK_MS);
    for (const { passedAt, deadlineAt } of holders) {
      assert.equal(passedAt.length, 1);
      const lateMs = (passedAt[0] ?? 0) - deadlineAt;
      assert.ok(lateMs >= 0 && lateMs <= 2 * TICK_MS, `${lateMs} ms late`);
    }
  });

  test("of very many at once lets the event loop run in between", async () => {
    const holders = Array.from({ length: 100 }, () => file(1_000));
    for (const holder of holders) holder.onPassed = () => clock.advance(0.4);
    const passed = () => holders.filter(({ isPassed }) => isPassed).length;
    run(1_000 + TICK_MS);
    const atOnce = passed();
    assert.ok(atOnce > 0 && atOnce < 10, `${atOnce} at once`);
    while (passed() < holders.length) await nextTurn();
    assert.equal(wheel.size, 0);
  });

  test("in the past is noticed at the next tick", () => {
    const holder = file(-5_000);
    assert.equal(holder.isPassed, false);
    run(TICK_MS);
    assert.equal(holder.isPassed, true);
  });

  test("beyond the wheel's reach is noticed in its time", () => {
    const holder = file(3_600_000);
    run(3_600_000 - TICK_MS);
    assert.equal(holder.isPassed, false);
    run(2 * TICK_MS);
    assert.equal(holder.isPassed, true);
  });

  test("that is none is never noticed", () => {
    const holder = file(0);
    holder.deadlineAt = Number.POSITIVE_INFINITY;
    run(600_000);
    assert.equal(holder.isPassed, false);
    assert.equal(wheel.size, 1);
  });

  test("may be set again when it has passed", () => {
    const holder = file(1_000);
    holder.onPassed = () => {
      holder.deadlineAt = clock.now() + 1_000;
      wheel.file(holder);
    };
    run(10_500);
    assert.ok(holder.passedAt.length >= 7);
    assert.ok(holder.passedAt.length <= 10);
  });
});

describe("a deadline that moves", () => {
  test("to later is seen without filing it", () => {
    const holder = file(1_000);
    for (let moves = 0; moves < 20; moves++) {
      run(900);
      holder.deadlineAt = clock.now() + 1_000;
    }
    assert.equal(holder.isPassed, false);
    run(1_000 + TICK_MS);
    assert.equal(holder.isPassed, true);
  });

  test("to later and filed again stays where it is", () => {
    const holder = file(1_000);
    const tick = holder.wheelTick;
    holder.deadlineAt += 5_000;
    wheel.file(holder);
    assert.equal(holder.wheelTick, tick);
    assert.equal(wheel.size, 1);
  });

  test("to earlier is seen once it is filed", () => {
    const holder = file(60_000);
    holder.deadlineAt = clock.now() + 1_000;
    wheel.file(holder);
    assert.equal(wheel.size, 1);
    run(1_000 + TICK_MS);
    assert.equal(holder.isPassed, true);
    run(120_000);
    assert.equal(holder.passedAt.length, 1);
  });
});

describe("a wheel", () => {
  test("notices all that has passed in a long pause", () => {
    const holders = [1_000, 100_000, 127_000, 129_000, 500_000].map(file);
    const late = file(3_600_000);
    clock.advance(1_000_000);
    wheel.advance();
    for (const holder of holders) assert.equal(holder.passedAt.length, 1);
    assert.equal(late.isPassed, false);
    run(2_600_000 + TICK_MS);
    assert.equal(late.isPassed, true);
  });

  test("has no timer before the first, nor after the last", () => {
    assert.equal(timers.size, 0);
    const first = file(1_000);
    const second = file(2_000);
    assert.equal(timers.size, 1);
    wheel.remove(first);
    assert.equal(timers.size, 1);
    wheel.remove(second);
    assert.equal(timers.size, 0);
    assert.equal(wheel.size, 0);
  });

  test("has no timer once the last deadline has passed", () => {
    file(1_000);
    run(2_000);
    assert.equal(timers.size, 0);
    assert.equal(wheel.size, 0);
  });

  test("has no timer that keeps a process alive", () => {
    file(1_000);
    const [timer] = timers as Set<NodeJS.Timeout>;
    assert.equal(timer?.hasRef(), false);
  });

  test("works after a long time without any", () => {
    wheel.remove(file(1_000));
    clock.advance(86_400_000);
    const holder = file(1_000);
    run(750);
    assert.equal(holder.isPassed, false);
    run(2 * TICK_MS);
    assert.equal(holder.isPassed, true);
  });

  test("forgets one that is removed", () => {
    const holder = file(1_000);
    file(5_000);
    wheel.remove(holder);
    wheel.remove(holder);
    assert.equal(wheel.size, 1);
    run(10_000);
    assert.equal(holder.isPassed, false);
  });

  test("forgets one that another removes in the same tick", () => {
    const [first, second] = [file(1_000), file(1_000)];
    first.onPassed = () => wheel.remove(second);
    second.onPassed = () => wheel.remove(first);
    run(2_000);
    assert.equal(first.passedAt.length + second.passedAt.length, 1);
    assert.equal(wheel.size, 0);
    assert.equal(timers.size, 0);
  });

  test("takes new ones while it turns", () => {
    const made: Holder[] = [];
    const first = file(1_000);
    first.onPassed = () => made.push(file(0), file(1_000));
    run(1_000 + TICK_MS);
    run(1_000 + 2 * TICK_MS);
    assert.deepEqual(
      made.map(({ isPassed }) => isPassed),
      [true, true],
    );
    assert.equal(timers.size, 0);
  });
});
