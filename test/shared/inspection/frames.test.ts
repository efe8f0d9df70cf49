import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  dataFrames,
  FrameReader,
  frameOf,
  MAX_DATA_BYTES,
} from "../../../src/shared/inspection/frames.ts";

const LINE = { type: "progress", done: 1 };
const DATA = Buffer.from('{"a":\n"ü"}');
const STREAM = Buffer.concat([
  frameOf(LINE),
  ...dataFrames({ id: 7 }, DATA),
  frameOf({ type: "done" }),
]);

/** The heads and data of a stream that arrives in pieces of this length. */
function readIn(length: number): [object, string | undefined][] {
  const reader = new FrameReader();
  const frames = [];
  for (let at = 0; at < STREAM.length; at += length) {
    frames.push(...reader.push(STREAM.subarray(at, at + length)));
  }
  return frames.map(({ head, data }) => [head, data?.toString()]);
}

describe("a stream of frames", () => {
  for (const length of [1, 2, 5, STREAM.length]) {
    it(`is read in pieces of ${length} bytes`, () => {
      assert.deepEqual(readIn(length), [
        [LINE, undefined],
        [{ id: 7, bytes: DATA.length }, DATA.toString()],
        [{ type: "done" }, undefined],
      ]);
    });
  }

  it("carries data of any length in frames that are not too long", () => {
    const data = Buffer.alloc(2 * MAX_DATA_BYTES + 3, "x");
    const reader = new FrameReader();
    const parts = [...dataFrames({}, data)].flatMap((each) => {
      return reader.push(each);
    });
    const lengths = parts.map((each) => each.data?.length);
    assert.deepEqual(lengths, [MAX_DATA_BYTES, MAX_DATA_BYTES, 3]);
  });

  it("is refused where it has no frames", () => {
    const wrong = [
      "no JSON\n",
      "17\n",
      "null\n",
      '{"bytes":-1}\n',
      '{"bytes":1.5}\n',
      '{"bytes":"9"}\n',
      `{"bytes":${MAX_DATA_BYTES + 1}}\n`,
      "x".repeat(1024 * 1024 + 1),
    ];
    for (const text of wrong) {
      const reader = new FrameReader();
      assert.throws(() => reader.push(Buffer.from(text)), text.slice(0, 20));
    }
  });
});
