import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CheckUsageError, partFlag } from "./check-arguments.ts";

describe("a part of a check", () => {
  test("is a number of how many", () => {
    assert.deepEqual(partFlag("part", "2/8"), { number: 2, of: 8 });
    assert.deepEqual(partFlag("part", "1/1"), { number: 1, of: 1 });
  });

  for (const text of ["", "1", "0/8", "9/8", "1/0", "a/b", "-1/8", "1/8/2"]) {
    test(`is not "${text}"`, () => {
      assert.throws(
        () => partFlag("part", text),
        (error: Error) =>
          error instanceof CheckUsageError && error.message.includes("2/8"),
      );
    });
  }
});
