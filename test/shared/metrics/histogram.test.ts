import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  addHistograms,
  DURATION_BUCKETS,
  Histogram,
} from "../../../src/shared/metrics/histogram.ts";
import { seededRandom } from "../../support/seeded-random.ts";

function valuesOf(...seconds: number[]) {
  const histogram = new Histogram();
  for (const each of seconds) histogram.observe(each);
  return histogram.values();
}

/** Which buckets are not empty: "0.1", "+Inf". */
function filled(...seconds: number[]): string[] {
  return valuesOf(...seconds).buckets.flatMap((count, at) => {
    return count > 0 ? [String(DURATION_BUCKETS[at] ?? "+Inf")] : [];
  });
}

describe("a histogram", () => {
  it("counts, and adds up", () => {
    const { count, sum } = valuesOf(0.25, 0.5, 3);
    assert.deepEqual({ count, sum }, { count: 3, sum: 3.75 });
  });

  it("is empty at first, with a bucket for each bound and one over", () => {
    const { count, sum, buckets } = valuesOf();
    assert.deepEqual({ count, sum }, { count: 0, sum: 0 });
    assert.deepEqual(buckets, new Array(DURATION_BUCKETS.length + 1).fill(0));
  });

  it("puts a value into the first bucket that is not below it", () => {
    assert.deepEqual(filled(0), ["0.0005"]);
    assert.deepEqual(filled(0.0004), ["0.0005"]);
    assert.deepEqual(filled(0.3), ["0.5"]);
    assert.deepEqual(filled(10.1), ["+Inf"]);
    assert.deepEqual(filled(Number.MAX_VALUE), ["+Inf"]);
  });

  it("takes a bound itself into its bucket, as `le` says", () => {
    for (const bound of DURATION_BUCKETS) {
      assert.deepEqual(filled(bound), [String(bound)]);
    }
  });

  it("counts each value in one bucket", () => {
    const random = seededRandom(3);
    const seconds = Array.from({ length: 500 }, () => 12 * random() ** 6);
    const { buckets, count } = valuesOf(...seconds);
    const total = buckets.reduce((sum, inBucket) => sum + inBucket, 0);
    assert.equal(count, 500);
    assert.equal(total, 500);
  });

  it("gives values that later ones do not change", () => {
    const histogram = new Histogram();
    histogram.observe(1);
    const before = histogram.values();
    histogram.observe(1);
    assert.equal(before.count, 1);
    assert.deepEqual(before, valuesOf(1));
  });
});

describe("the sum of histograms", () => {
  it("adds count, sum and each bucket", () => {
    const sum = addHistograms(valuesOf(0.25, 3), valuesOf(0.25, 20));
    assert.deepEqual(sum, valuesOf(0.25, 3, 0.25, 20));
  });

  it("changes neither", () => {
    const one = valuesOf(1);
    addHistograms(one, valuesOf(1));
    assert.deepEqual(one, valuesOf(1));
  });

  it("is the same in any order, to the last bit", () => {
    const random = seededRandom(5);
    for (let round = 0; round < 200; round++) {
      const [a, b, c] = [1, 2, 3].map(() => {
        return valuesOf(Math.sqrt(random()), Math.sqrt(random()));
      });
      assert.ok(a && b && c);
      const forth = addHistograms(addHistograms(a, b), c);
      const back = addHistograms(addHistograms(c, b), a);
      assert.deepEqual(forth, back);
    }
  });

  it("is off by a microsecond at most", () => {
    for (const seconds of [0.05, 1e-7, 1 / 3, 86_400.123_456_7]) {
      const { sum } = valuesOf(seconds);
      assert.ok(Math.abs(sum - seconds) < 1e-6, `${seconds} gives ${sum}`);
    }
  });
});
