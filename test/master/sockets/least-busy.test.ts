import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { warmthAt } from "../../../src/master/sockets/least-busy.ts";

describe("how warm a worker is", () => {
  const cases = [
    { ageMs: 0, warmth: 0.1, when: "at once" },
    { ageMs: 999, warmth: 0.1, when: "in the first tenth of the time" },
    { ageMs: 5_000, warmth: 0.5, when: "halfway" },
    { ageMs: 10_000, warmth: 1, when: "at the end" },
    { ageMs: 1e9, warmth: 1, when: "long after it" },
  ];
  for (const { ageMs, warmth, when } of cases) {
    it(`is ${warmth} ${when}`, () => {
      assert.equal(warmthAt(ageMs, 10_000), warmth);
    });
  }

  it("is always 1 where there is no slow start", () => {
    assert.equal(warmthAt(0, 0), 1);
  });
});
