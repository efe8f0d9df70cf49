import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChunkedDecoder } from "../../../src/worker/http1/chunked-decoder.ts";
import { LIMITS } from "./limits.ts";

const WIRE = "5;a=b\r\nhello\r\n0\r\nA: 1\r\n\r\n";

describe("a decoder of chunks", () => {
  test("§7.1 gives them as they come, without copies", () => {
    const decoder = new ChunkedDecoder(LIMITS);
    const bytes = Buffer.from("5\r\nab");
    const chunks: Buffer[] = [];
    decoder.decode(bytes, 0, (chunk) => chunks.push(chunk));
    decoder.decode(Buffer.from("cde"), 0, (chunk) => chunks.push(chunk));
    assert.deepEqual(chunks.map(String), ["ab", "cde"]);
    assert.equal(chunks[0]?.buffer, bytes.buffer);
  });

  test("§7.1 knows their end, and leaves what follows", () => {
    for (const more of ["", "\r\n", "GET / HTTP/1.1\r\n"]) {
      const decoder = new ChunkedDecoder(LIMITS);
      const end = decoder.decode(Buffer.from(WIRE + more), 0, () => {});
      assert.equal(end, WIRE.length);
      assert.equal(decoder.isDone, true);
      assert.equal(decoder.remainingBytes, 0);
    }
  });

  test("§7.1 cannot know how much is to come before it", () => {
    const decoder = new ChunkedDecoder(LIMITS);
    for (const byte of WIRE) {
      assert.equal(decoder.isDone, false);
      assert.equal(decoder.remainingBytes, Number.POSITIVE_INFINITY);
      assert.equal(decoder.trailers, undefined);
      decoder.decode(Buffer.from(byte), 0, () => {});
    }
    assert.equal(decoder.isDone, true);
    assert.equal(decoder.trailers?.get("a"), "1");
  });

  test("§7.1 keeps no byte that it was lent", () => {
    const decoder = new ChunkedDecoder(LIMITS);
    for (const piece of ["0\r\nA: ", "1\r\nB", ": 2\r\n\r\n"]) {
      const bytes = Buffer.from(piece);
      decoder.decode(bytes, 0, () => {});
      bytes.fill("?");
    }
    assert.deepEqual(
      [...(decoder.trailers ?? [])],
      [
        ["a", "1"],
        ["b", "2"],
      ],
    );
  });
});
