import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { describe, it } from "node:test";
import { ParamPattern } from "../../../src/worker/routing/param-pattern.ts";

const ATOMS_ONLY = /only characters, classes, their repetitions and "\|"/;

describe("the form of a parameter", () => {
  for (const [form, fits, others] of [
    ["\\d+", ["0", "42"], ["", "4x", "٣"]],
    ["[a-z]+-\\d{4}", ["abc-2026"], ["abc-26", "abc-20261", "-2026"]],
    ["\\w+\\.png", ["a.png"], ["apng", "a.jpg"]],
    ["new|old|\\d+", ["new", "old", "7"], ["newold", "ne"]],
    ["[|\\]]x?", ["|", "]x"], ["x"]],
    ["v\\d\\+", ["v1+"], ["v11"]],
    [".", ["x"], ["xx", ""]],
  ] as const) {
    it(`${form} is for whole segments`, () => {
      const pattern = new ParamPattern(form);
      for (const value of fits) assert.equal(pattern.test(value), true, value);
      for (const value of others) {
        assert.equal(pattern.test(value), false, value);
      }
    });
  }

  for (const [form, why] of [
    ["(a|b)", ATOMS_ONLY],
    ["(?=a)", ATOMS_ONLY],
    ["(a+)+", ATOMS_ONLY],
    ["a\\1", ATOMS_ONLY],
    ["\\b", ATOMS_ONLY],
    ["^a$", ATOMS_ONLY],
    ["a**", ATOMS_ONLY],
    ["*", ATOMS_ONLY],
    ["[a", ATOMS_ONLY],
    ["a{1", ATOMS_ONLY],
    ["a{2000}", ATOMS_ONLY],
    ["", /an empty alternative/],
    ["a||b", /an empty alternative/],
    ["a+b+c+", /more than 2 repetitions/],
    ["[b-a]", /out of order/],
  ] as const) {
    it(`may not be ${JSON.stringify(form)}`, () => {
      assert.throws(() => new ParamPattern(form), why);
    });
  }

  it("takes no long time, whatever is sent", () => {
    const pattern = new ParamPattern("\\w+\\d*-");
    const longest = "1".repeat(256);
    const startedAt = performance.now();
    for (let turn = 0; turn < 100; turn++) pattern.test(longest);
    const meanMs = (performance.now() - startedAt) / 100;
    assert.ok(meanMs < 5, `${meanMs} ms`);
    assert.equal(pattern.test("1".repeat(100_000)), false);
  });
});
