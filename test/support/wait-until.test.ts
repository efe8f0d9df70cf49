import assert from "node:assert/strict";
import { test } from "node:test";
import { waitUntil } from "./wait-until.ts";

test("waitUntil gives the first truthy value, over errors", async () => {
  let calls = 0;
  const value = await waitUntil(
    async () => {
      calls++;
      if (calls === 1) throw new Error("not yet");
      return calls > 2 && calls;
    },
    { what: "three calls" },
  );
  assert.equal(value, 3);
});

test("waitUntil says what it waited for, and why in vain", async () => {
  const cause = new Error("never");
  const condition = () => {
    throw cause;
  };
  const options = { what: "the end", timeoutMs: 20 };
  await assert.rejects(waitUntil(condition, options), (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.message, "waited for the end, 20 ms in vain");
    assert.equal(error.cause, cause);
    return true;
  });
});
