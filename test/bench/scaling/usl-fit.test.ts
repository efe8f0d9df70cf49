import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  fitUsl,
  type UslFit,
  uslPeak,
  uslRate,
} from "../../../bench/scaling/usl-fit.ts";

function pointsOf(law: UslFit, counts: readonly number[]) {
  return counts.map((instances) => ({
    instances,
    requestsPerSecond: uslRate(law, instances),
  }));
}

function near(actual: number, expected: number): void {
  const off = Math.abs(actual - expected);
  assert.ok(off < 1e-6 * Math.max(1, expected), `${actual}, not ${expected}`);
}

describe("a fit of the Universal Scalability Law", () => {
  it("finds the law that points were made by", () => {
    const law = { ratePerInstance: 900, contention: 0.05, coherency: 0.002 };
    const found = fitUsl(pointsOf(law, [1, 2, 4, 8, 16]));
    near(found.ratePerInstance, 900);
    near(found.contention, 0.05);
    near(found.coherency, 0.002);
  });

  it("of what is linear has neither contention nor coherency", () => {
    const points = [1, 2, 4].map((instances) => ({
      instances,
      requestsPerSecond: 500 * instances,
    }));
    const { ratePerInstance, contention, coherency } = fitUsl(points);
    near(ratePerInstance, 500);
    near(contention, 0);
    near(coherency, 0);
  });

  it("never says less than 0, also where more do more than their part", () => {
    const points = [1, 2, 4].map((instances) => ({
      instances,
      requestsPerSecond: 500 * instances ** 1.1,
    }));
    const { contention, coherency } = fitUsl(points);
    assert.deepEqual([contention, coherency], [0, 0]);
  });

  it("takes what fewer points cannot say for 0", () => {
    const law = { ratePerInstance: 10, contention: 0.1, coherency: 0 };
    const found = fitUsl(pointsOf(law, [1, 1, 2]));
    near(found.ratePerInstance, 10);
    assert.ok(found.contention === 0 || found.coherency === 0);
    assert.throws(() => fitUsl([]), RangeError);
  });

  it("has its peak where one more does less", () => {
    const law = { ratePerInstance: 10, contention: 0.1, coherency: 0.01 };
    const peak = uslPeak(law);
    assert.ok(uslRate(law, peak) > uslRate(law, peak + 1));
    assert.ok(uslRate(law, peak) > uslRate(law, peak - 1));
    assert.equal(uslPeak({ ...law, coherency: 0 }), Number.POSITIVE_INFINITY);
  });
});
