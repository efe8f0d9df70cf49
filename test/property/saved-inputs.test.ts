import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { checkInput } from "../fuzz/fuzz-property.ts";
import { properties } from "../fuzz/properties.ts";
import { SAVED_FOLDER, savedInputs, savedName } from "../fuzz/saved-input.ts";

describe("an input that failed once", () => {
  after(async () => {
    for (const { close } of properties) await close?.();
  });
  for (const [name, kept] of savedInputs(SAVED_FOLDER)) {
    test(`${name} fails no more`, async () => {
      const property = properties.find(({ name }) => name === kept.property);
      assert.ok(property, `there is no property ${kept.property}`);
      await checkInput(property, kept.input);
    });

    test(`${name} has the name of what is in it`, () => {
      assert.equal(name, savedName(kept));
    });
  }
});
