import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LineOutput } from "../../../src/shared/logging/line-output.ts";

function gathering() {
  const writes: string[] = [];
  const write = (lines: string) => writes.push(lines);
  return { writes, output: new LineOutput({ write }) };
}

describe("the lines of a log", () => {
  it("are written at once", () => {
    const { writes, output } = gathering();
    output.write("a\n");
    output.write("b\n");
    assert.deepEqual(writes, ["a\n", "b\n"]);
  });

  it("that may wait are written together, in this turn", async () => {
    const { writes, output } = gathering();
    output.later.write("a\n");
    output.later.write("b\n");
    assert.deepEqual(writes, []);
    await nextTurn();
    assert.deepEqual(writes, ["a\nb\n"]);
    output.later.write("c\n");
    await nextTurn();
    assert.deepEqual(writes, ["a\nb\n", "c\n"]);
  });

  it("that may not wait come after those that do", () => {
    const { writes, output } = gathering();
    output.later.write("a\n");
    output.write("b\n");
    assert.deepEqual(writes, ["a\n", "b\n"]);
  });

  it("are no longer together than a pipe takes as a whole", async () => {
    const { writes, output } = gathering();
    const line = `${"x".repeat(699)}\n`;
    for (let count = 0; count < 7; count++) output.later.write(line);
    await nextTurn();
    assert.deepEqual(writes, [line + line, line + line, line + line, line]);
  });

  it("have no controls of eight bits, and are the same JSON", () => {
    const { writes, output } = gathering();
    const text = "\u009b31m\u0080\u009f and \u00a0\u00e9\u20ac";
    output.write(`${JSON.stringify({ text })}\n`);
    output.later.write(`${JSON.stringify({ text })}\n`);
    output.flush();
    for (const line of writes) {
      assert.doesNotMatch(line, /[\x80-\x9f]/);
      assert.equal(JSON.parse(line).text, text);
      assert.ok(line.includes("\u00a0\u00e9\u20ac"), "no other is changed");
    }
    assert.equal(writes.length, 2);
  });
});
