import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  commandFlags,
  commandList,
  daemonFlags,
} from "../../../src/shared/config/command-list.ts";
import { helpText } from "../../../src/shared/config/help-text.ts";
import { textSettings } from "../../../src/shared/config/setting-list.ts";

describe("the help", () => {
  it("is at most 80 columns wide", () => {
    const wide = helpText()
      .split("\n")
      .filter((line) => line.length > 80);
    assert.deepEqual(wide, []);
  });

  it("names every command, and the flags that only some have", () => {
    const text = helpText();
    for (const { name } of commandList) {
      assert.match(text, new RegExp(`^  ${name} `, "m"));
    }
    for (const { name } of [...commandFlags, ...daemonFlags]) {
      assert.match(text, new RegExp(`^  --${name} `, "m"));
    }
  });

  it("names every flag, and its default", () => {
    const text = helpText().replaceAll("[no-]", "").replaceAll(/\s+/g, " ");
    for (const { flagName, kind, defaultValue } of textSettings) {
      assert.ok(text.includes(` --${flagName} `), flagName);
      if (kind === "boolean" || defaultValue === undefined) continue;
      assert.ok(text.includes(`[${defaultValue}]`), flagName);
    }
  });
});
