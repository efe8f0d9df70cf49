import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Histogram } from "../../../src/shared/metrics/histogram.ts";
import {
  addTotals,
  noTotals,
  raiseTotals,
  type Totals,
} from "../../../src/shared/metrics/totals.ts";

const NAMES = ["parseErrors", "constructor", "toString", "__proto__"];

/** Something of each kind, under each of the names. */
function totalsWith(amount: number): Totals {
  const histogram = new Histogram();
  for (let seen = 0; seen < amount; seen++) histogram.observe(0.25);
  const byName = <Value>(value: Value) => {
    return Object.fromEntries(NAMES.map((name) => [name, value]));
  };
  return {
    numbers: byName(amount),
    labelled: byName(byName(amount)),
    histograms: byName(byName(histogram.values())),
  };
}

/** Records have no prototype: after IPC they do. */
function plain(totals: Totals): Totals {
  return JSON.parse(JSON.stringify(totals));
}

describe("addTotals", () => {
  it("adds every figure, also where its name is that of what objects have", () => {
    const sum = noTotals();
    addTotals(sum, totalsWith(1));
    addTotals(sum, totalsWith(2));
    assert.deepEqual(plain(sum), plain(totalsWith(3)));
  });

  it("changes nothing but the sum", () => {
    const one = totalsWith(1);
    const sum = noTotals();
    addTotals(sum, one);
    addTotals(sum, one);
    assert.deepEqual(one, totalsWith(1));
  });
});

describe("raiseTotals", () => {
  it("takes what is higher, and keeps what a report leaves out", () => {
    const latest = noTotals();
    raiseTotals(latest, totalsWith(2));
    raiseTotals(latest, { ...noTotals(), numbers: { parseErrors: 5 } });
    const expected = plain(totalsWith(2));
    expected.numbers.parseErrors = 5;
    assert.deepEqual(plain(latest), expected);
  });

  it("lets nothing fall", () => {
    const latest = noTotals();
    raiseTotals(latest, totalsWith(3));
    raiseTotals(latest, totalsWith(1));
    assert.deepEqual(plain(latest), plain(totalsWith(3)));
  });
});
