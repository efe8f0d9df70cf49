import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BodyWatch } from "../../../../src/worker/http1/body/body-watch.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const PACE = { bodyTimeoutMs: 1_000, minBodyBytesPerSecond: 100 };

function watching(pace = PACE) {
  const clock = new FakeClock();
  const watch = new BodyWatch(pace, clock.now());
  return {
    clock,
    watch,
    receive: (bytes: number) => watch.onBytes(bytes, clock.now()),
    /** When more must have come, from now on. */
    remainingMs: () => watch.deadlineAt(clock.now()) - clock.now(),
  };
}

describe("a body", () => {
  test("may be silent for its time-out, after each piece", () => {
    const { clock, receive, remainingMs } = watching();
    assert.equal(remainingMs(), 1_000);
    clock.advance(700);
    assert.equal(receive(1), true);
    assert.equal(remainingMs(), 1_000);
  });

  test("may be slow at first", () => {
    const { clock, receive } = watching();
    clock.advance(999);
    assert.equal(receive(1), true);
    clock.advance(1);
    assert.equal(receive(0), true);
  });

  test("is too slow where its mean is, after that", () => {
    const { clock, receive } = watching();
    clock.advance(1_001);
    assert.equal(receive(1), false);
  });

  test("is fast enough at exactly the least pace", () => {
    const { clock, receive } = watching();
    clock.advance(2_000);
    assert.equal(receive(199), false);
    assert.equal(receive(1), true);
  });

  test("is judged by its mean, not by its last second", () => {
    const { clock, receive } = watching();
    receive(1_000);
    clock.advance(10_000);
    assert.equal(receive(0), true);
    clock.advance(1);
    assert.equal(receive(0), false);
  });

  test("may be as slow as it likes where no pace is set", () => {
    const pace = { bodyTimeoutMs: 1_000, minBodyBytesPerSecond: 0 };
    const { clock, receive } = watching(pace);
    clock.advance(3_600_000);
    assert.equal(receive(1), true);
  });

  test("counts its bytes", () => {
    const { watch, receive } = watching();
    receive(3);
    receive(4);
    assert.equal(watch.receivedBytes, 7);
  });
});

describe("a body that is held back", () => {
  test("has no deadline", () => {
    const { clock, watch, remainingMs } = watching();
    watch.pause(clock.now());
    assert.equal(remainingMs(), Number.POSITIVE_INFINITY);
    clock.advance(5_000);
    watch.resume(clock.now());
    assert.equal(remainingMs(), 1_000);
  });

  test("is not slow for that", () => {
    const { clock, watch, receive } = watching();
    clock.advance(500);
    watch.pause(clock.now());
    clock.advance(60_000);
    assert.equal(receive(1), true);
    watch.resume(clock.now());
    clock.advance(500);
    assert.equal(receive(1), true);
    clock.advance(1);
    assert.equal(receive(1), false);
  });

  test("is held back once, however often it is said", () => {
    const { clock, watch, receive } = watching();
    watch.resume(clock.now());
    watch.pause(clock.now());
    clock.advance(2_000);
    watch.pause(clock.now());
    clock.advance(2_000);
    watch.resume(clock.now());
    watch.resume(clock.now());
    clock.advance(1_000);
    assert.equal(receive(1), true);
    clock.advance(1);
    assert.equal(receive(1), false);
  });
});
