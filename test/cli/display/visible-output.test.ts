import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withVisibleOutput } from "../../../src/cli/display/visible-output.ts";

describe("an error of a command", () => {
  it("keeps its kind, without what a terminal would obey", async () => {
    const error = new TypeError("bad\x1b[2J");
    const thrown = withVisibleOutput(() => Promise.reject(error));
    await assert.rejects(thrown, (given: Error) => {
      assert.equal(given, error);
      assert.equal(given.message, "bad\\u001b[2J");
      return true;
    });
  });

  it("may be one whose message has only a getter", async () => {
    const error = new DOMException("too late\x07", "TimeoutError");
    const thrown = withVisibleOutput(() => Promise.reject(error));
    await assert.rejects(thrown, /too late\\u0007/);
  });
});
