import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutPassword } from "../../../src/shared/config/without-password.ts";

describe("a URL that is shown", () => {
  for (const [url, shown] of [
    ["redis://user:secret@host:6379/1", "redis://user:***@host:6379/1"],
    ["redis://:se:cr@et@host", "redis://:***@host"],
    ["redis://user@host:6379", "redis://user@host:6379"],
    ["redis://host:6379", "redis://host:6379"],
    ["host:6379", "host:6379"],
  ] as const) {
    it(`is ${shown}`, () => assert.equal(withoutPassword(url), shown));
  }
});
