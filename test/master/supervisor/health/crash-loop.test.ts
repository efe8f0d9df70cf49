import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrashLoop } from "../../../../src/master/supervisor/health/failures.ts";

const limits = { maxFailures: 3, windowMs: 10_000 };

function failure(slot = 1) {
  return { reason: "crash", slot, error: `error ${slot}` } as const;
}

/** One whose workers failed at these times, whether it entered by the last. */
function failedAt(...times: number[]) {
  const crashLoop = new CrashLoop();
  let hasEntered = false;
  for (const [slot, time] of times.entries()) {
    hasEntered = crashLoop.note(failure(slot), limits, time);
  }
  return { crashLoop, hasEntered };
}

describe("a pool is degraded", () => {
  it("after so many failures within the window, of any slots", () => {
    const { crashLoop, hasEntered } = failedAt(0, 5_000, 10_000);
    assert.equal(hasEntered, true);
    assert.deepEqual(crashLoop.degraded, {
      since: 10_000,
      failures: 3,
      lastFailure: failure(2),
    });
  });

  it("not where they take longer", () => {
    assert.equal(failedAt(0, 5_000, 10_001).crashLoop.degraded, undefined);
    const { crashLoop } = failedAt(0, 5_000, 10_001, 15_000);
    assert.equal(crashLoop.degraded?.since, 15_000);
  });

  it("and enters that once, while failures go on", () => {
    const { crashLoop, hasEntered } = failedAt(0, 0, 0, 100);
    assert.equal(hasEntered, false);
    assert.equal(crashLoop.degraded?.failures, 4);
    assert.equal(crashLoop.degraded?.since, 0);
  });
});

describe("a degraded pool is well again", () => {
  it("when all slots were ready for the window", () => {
    const { crashLoop } = failedAt(0, 0, 0);
    assert.equal(crashLoop.look(true, limits, 1_000), false);
    assert.equal(crashLoop.look(true, limits, 10_999), false);
    assert.equal(crashLoop.look(true, limits, 11_000), true);
    assert.equal(crashLoop.degraded, undefined);
  });

  it("from a failure on, or an empty slot, the window begins anew", () => {
    const { crashLoop } = failedAt(0, 0, 0);
    crashLoop.look(true, limits, 1_000);
    crashLoop.note(failure(), limits, 5_000);
    assert.equal(crashLoop.look(true, limits, 11_000), false);
    assert.equal(crashLoop.look(false, limits, 20_000), false);
    assert.equal(crashLoop.look(true, limits, 21_000), false);
    assert.equal(crashLoop.look(true, limits, 31_000), true);
  });

  it("by a new attempt, and has to fail as often again", () => {
    const { crashLoop } = failedAt(0, 0, 0);
    assert.equal(crashLoop.forget(), true);
    assert.equal(crashLoop.forget(), false);
    crashLoop.note(failure(), limits, 0);
    crashLoop.note(failure(), limits, 0);
    assert.equal(crashLoop.degraded, undefined);
  });
});
