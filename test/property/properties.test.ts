/**
 * Properties that hold for all inputs, tried with a few random ones. A failure
 * says what to keep in test/fixtures/fuzz; `npm run fuzz` looks for longer.
 */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { properties } from "../fuzz/properties.ts";
import { savedName, savedText } from "../fuzz/saved-input.ts";
import { tryInputs } from "../fuzz/try-inputs.ts";

const TURNS = 10;

describe("for random input", () => {
  after(async () => {
    for (const { close } of properties) await close?.();
  });
  for (const property of properties) {
    test(property.sentence, async () => {
      const inputs = TURNS * property.inputsPerTurn;
      const failed = await tryInputs(property, { inputs });
      if (!failed) return;
      const file = `test/fixtures/fuzz/${savedName(failed)}`;
      assert.fail(`${failed.error}\n\nkeep ${file}:\n${savedText(failed)}`);
    });
  }
});
