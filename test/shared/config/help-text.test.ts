import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helpText } from "../../../src/shared/config/help-text.ts";
import { settingList } from "../../../src/shared/config/setting-list.ts";

describe("the help", () => {
  it("is at most 80 columns wide", () => {
    const wide = helpText()
      .split("\n")
      .filter((line) => line.length > 80);
    assert.deepEqual(wide, []);
  });

  it("names every flag, and its default", () => {
    const text = helpText().replaceAll("[no-]", "").replaceAll(/\s+/g, " ");
    for (const { flagName, kind, defaultValue } of settingList) {
      assert.ok(text.includes(` --${flagName} `), flagName);
      if (kind === "boolean" || defaultValue === undefined) continue;
      assert.ok(text.includes(`[${defaultValue}]`), flagName);
    }
  });
});
