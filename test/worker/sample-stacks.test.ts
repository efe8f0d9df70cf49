import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, test } from "node:test";

const PROGRAM = path.resolve(
  import.meta.dirname,
  "../fixtures/sampled-loop.js",
);

describe("the stacks of a thread that computes", () => {
  test("are sampled three times, innermost function first", () => {
    const args = [PROGRAM];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      timeout: 120_000,
    });
    assert.match(stdout, /^\[\[/, stderr);
    const stacks = JSON.parse(stdout) as string[][];
    assert.equal(stacks.length, 3);
    for (const [innermost = ""] of stacks) {
      assert.match(innermost, /^spinUntil \(.*sampled-loop\.js/);
    }
  });
});
