import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GrowingBytes } from "../../../../src/worker/http/body/growing-bytes.ts";

const SENT = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));

function gathered(pieceBytes: number, expectedBytes?: number): Buffer {
  const bytes = new GrowingBytes(expectedBytes);
  for (let at = 0; at < SENT.length; at += pieceBytes) {
    const piece = Buffer.from(SENT.subarray(at, at + pieceBytes));
    bytes.add(piece);
    piece.fill(0); // it is valid no longer
  }
  return bytes.whole();
}

describe("bytes that come in pieces", () => {
  it("are whole however they are cut, whether a length was said or not", () => {
    for (const pieceBytes of [1, 7, 1_000, 65_536, 299_999, 300_000]) {
      assert.ok(SENT.equals(gathered(pieceBytes)), `${pieceBytes}`);
      const expected = gathered(pieceBytes, SENT.length);
      assert.ok(SENT.equals(expected), `${pieceBytes}, expected`);
    }
  });

  it("are nothing where nothing comes", () => {
    assert.equal(new GrowingBytes(10_000).whole().length, 0);
  });

  it("allocate no memory for a length that is only declared", () => {
    const bytes = new GrowingBytes(1_000_000_000);
    bytes.add(Buffer.from("a"));
    assert.ok(bytes.whole().buffer.byteLength <= 65_536);
    bytes.add(Buffer.alloc(65_536));
    assert.ok(bytes.whole().buffer.byteLength <= 300_000);
  });
});
