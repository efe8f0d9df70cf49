import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { backoffMs } from "../../../../src/master/supervisor/workers/worker-pool.ts";

const NO_JITTER = 0.5;

describe("the wait before a worker that died early starts again", () => {
  it("is none without a failure", () => {
    assert.equal(backoffMs(0, 0), 0);
    assert.equal(backoffMs(0, 1), 0);
  });

  it("doubles with each failure, up to half a minute", () => {
    const waits = [1, 2, 3, 4, 8, 9, 10, 11].map((failures) => {
      return backoffMs(failures, NO_JITTER);
    });
    const expected = [100, 200, 400, 800, 12_800, 25_600, 30_000, 30_000];
    assert.deepEqual(waits, expected);
  });

  it("is off by up to a quarter", () => {
    assert.equal(backoffMs(1, 0), 75);
    assert.equal(backoffMs(1, 1), 125);
  });

  it("stays a number of milliseconds for any number of failures", () => {
    for (const failures of [100, 1_100, Number.MAX_SAFE_INTEGER]) {
      assert.equal(backoffMs(failures, NO_JITTER), 30_000);
    }
  });
});
