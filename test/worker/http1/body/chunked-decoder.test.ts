import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChunkedDecoder } from "../../../../src/worker/http1/body/chunked-decoder.ts";
import { LIMITS } from "../limits.ts";

const WIRE = "5;a=b\r\nhello\r\n0\r\nA: 1\r\n\r\n";

describe("a decoder of chunks", () => {
  /** What each call gives; a piece is valid only while it is looked at. */
  function piecesOf(decoder: ChunkedDecoder, ...reads: string[]): string[] {
    const pieces: string[] = [];
    for (const read of reads) {
      decoder.decode(Buffer.from(read), 0, (piece) => {
        pieces.push(piece.toString());
      });
    }
    return pieces;
  }

  test("§7.1 gives its content as it comes", () => {
    const decoder = new ChunkedDecoder(LIMITS);
    assert.deepEqual(piecesOf(decoder, "5\r\nab", "cde"), ["ab", "cde"]);
    assert.equal(decoder.remainingBytes, Number.POSITIVE_INFINITY);
  });

  test("§7.1 gives long chunks without copies", () => {
    const bytes = Buffer.from(`800\r\n${"x".repeat(2_048)}`);
    const pieces: Buffer[] = [];
    const onPiece = (piece: Buffer) => void pieces.push(piece);
    new ChunkedDecoder(LIMITS).decode(bytes, 0, onPiece);
    assert.equal(pieces[0]?.buffer, bytes.buffer);
  });

  test("§7.1 gives small chunks that come together as one piece", () => {
    const letters = Array.from("hello, world", (one) => `1\r\n${one}\r\n`);
    const decoder = new ChunkedDecoder(LIMITS);
    const pieces = piecesOf(decoder, letters.join(""), "2\r\nab\r\n1\r\nc");
    assert.deepEqual(pieces, ["hello, world", "abc"]);
  });

  test("§7.1 gives 20,000 chunks of a byte as a few pieces", () => {
    const wire = "1\r\nx\r\n".repeat(20_000);
    const pieces = piecesOf(new ChunkedDecoder(LIMITS), wire);
    assert.ok(pieces.length < 4, `${pieces.length} pieces`);
    assert.equal(pieces.join(""), "x".repeat(20_000));
  });

  test("§7.1 gives chunks of all lengths in their order", () => {
    const chunks = [1, 31, 2_000, 1, 32, 33, 1_024, 1_025, 40_000, 5].map(
      (length, at) => String(at).repeat(length),
    );
    const wire = chunks.map((one) => {
      return `${one.length.toString(16)}\r\n${one}\r\n`;
    });
    const pieces = piecesOf(new ChunkedDecoder(LIMITS), wire.join(""));
    assert.equal(pieces.join(""), chunks.join(""));
  });

  test("§7.1 gives nothing of a body that was refused to the next one", () => {
    const wrong = () => piecesOf(new ChunkedDecoder(LIMITS), "1\r\nx\r\nz");
    assert.throws(wrong, /without a size/);
    const next = piecesOf(new ChunkedDecoder(LIMITS), "1\r\ny\r\n");
    assert.deepEqual(next, ["y"]);
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
