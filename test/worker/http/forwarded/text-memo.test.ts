import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TextMemo } from "../../../../src/worker/http/forwarded/text-memo.ts";

function counting() {
  const read: string[] = [];
  const memo = new TextMemo((text) => {
    read.push(text);
    return { text };
  });
  return { memo, read };
}

describe("a memo of texts", () => {
  it("reads what comes again once", () => {
    const { memo, read } = counting();
    for (const text of ["a", "b", "a", "", "a", "\xe9", "\xe9", ""]) {
      assert.equal(memo.meaningOf(text).text, text);
    }
    assert.deepEqual(read, ["a", "b", "", "\xe9"]);
  });

  it("keeps no long ones, and a limited number", () => {
    const { memo, read } = counting();
    const long = "1".repeat(101);
    for (const text of [long, long]) memo.meaningOf(text);
    assert.equal(read.length, 2);
    for (let n = 0; n <= 1_000; n++) memo.meaningOf(`${n}`);
    memo.meaningOf("1000");
    assert.equal(read.length, 2 + 1_001);
    memo.meaningOf("0");
    assert.equal(read.length, 2 + 1_002);
  });
});
