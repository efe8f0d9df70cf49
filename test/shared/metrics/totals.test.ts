import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addTotals, noTotals } from "../../../src/shared/metrics/totals.ts";

describe("totals of two masters", () => {
  it("are added up also where a name is that of what objects have", () => {
    const counted = {
      ...noTotals(),
      numbers: { toString: 1 },
      labelled: { limited: { constructor: 2 } },
    };
    const sum = addTotals(noTotals(), addTotals(counted, counted));
    assert.deepEqual(sum.numbers, { toString: 2 });
    assert.deepEqual(sum.labelled, { limited: { constructor: 4 } });
  });
});
