import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LengthDecoder } from "../../../../src/worker/http1/body/length-decoder.ts";
import { LIMITS } from "../limits.ts";

describe("a body of a known length", () => {
  test("§6.2 of 0 bytes is whole at once", () => {
    assert.equal(new LengthDecoder(0, LIMITS).isDone, true);
  });

  test("§6.2 knows how much is to come", () => {
    const decoder = new LengthDecoder(5, LIMITS);
    assert.equal(decoder.remainingBytes, 5);
    decoder.decode(Buffer.from("xhe"), 1, () => {});
    assert.equal(decoder.remainingBytes, 3);
    assert.equal(decoder.isDone, false);
    assert.equal(
      decoder.decode(Buffer.from("lloGET"), 0, () => {}),
      3,
    );
    assert.equal(decoder.isDone, true);
  });

  test("§6.2 has no empty chunks", () => {
    const decoder = new LengthDecoder(1, LIMITS);
    decoder.decode(Buffer.alloc(0), 0, () => assert.fail("a chunk"));
    decoder.decode(Buffer.from("x"), 0, () => {});
    decoder.decode(Buffer.from("y"), 0, () => assert.fail("a chunk"));
  });
});
