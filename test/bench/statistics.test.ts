import assert from "node:assert/strict";
import { test } from "node:test";
import { lowerQuartile, spreadOf } from "../../bench/statistics.ts";

test("the median of an odd number of values is the middle one", () => {
  assert.deepEqual(spreadOf([30, 4, 5]), { median: 5, min: 4, max: 30 });
});

test("the median of an even number of values is between two", () => {
  assert.deepEqual(spreadOf([8, 1, 2, 4]), { median: 3, min: 1, max: 8 });
});

test("one value is all there is to say", () => {
  assert.deepEqual(spreadOf([7]), { median: 7, min: 7, max: 7 });
});

test("no values are refused, not called 0", () => {
  assert.throws(() => spreadOf([]), RangeError);
});

test("a quarter of the values is at most the lower quartile", () => {
  assert.equal(lowerQuartile([9, 1, 8, 2, 7, 3, 6, 4, 5]), 3);
  assert.equal(lowerQuartile([7]), 7);
  assert.throws(() => lowerQuartile([]), RangeError);
});
