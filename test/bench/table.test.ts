import assert from "node:assert/strict";
import { test } from "node:test";
import { table } from "../../bench/table.ts";

test("a table's numbers stand under each other", () => {
  const rows = [
    ["server", "CPU"],
    ["a", "9.5"],
    ["remuda", "10.5"],
  ];
  assert.equal(
    table(rows),
    [
      "| server |  CPU |",
      "| ------ | ---: |",
      "| a      |  9.5 |",
      "| remuda | 10.5 |",
    ].join("\n"),
  );
});
