import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import {
  operationsPage,
  withSettingsTable,
} from "../../../scripts/settings-table.ts";

it("docs/operations.md has the settings of the schema", () => {
  const page = readFileSync(operationsPage, "utf8");
  assert.equal(
    page,
    withSettingsTable(page),
    "node --import tsx scripts/settings-table.ts --write brings it up to date",
  );
});
