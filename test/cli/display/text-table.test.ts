import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { textTable } from "../../../src/cli/display/text-table.ts";

describe("a table", () => {
  it("aligns texts at their begin and numbers at their end", () => {
    const columns = [{ title: "STATE" }, { title: "N", isNumber: true }];
    const rows = [
      ["ready", "7"],
      ["draining", "123"],
    ];
    assert.deepEqual(textTable(columns, rows), [
      "STATE       N",
      "ready       7",
      "draining  123",
    ]);
  });

  it("has its titles though it has no rows, and no blanks at the end", () => {
    const columns = [{ title: "A" }, { title: "LONG" }];
    assert.deepEqual(textTable(columns, []), ["A  LONG"]);
    assert.deepEqual(textTable(columns, [["a", ""]]), ["A  LONG", "a"]);
  });
});
