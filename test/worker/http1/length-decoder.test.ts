import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LengthDecoder } from "../../../src/worker/http1/length-decoder.ts";
import { decodeBody, itDecodes, itRefusesBody } from "./decoded-body.ts";
import { LIMITS } from "./limits.ts";

describe("a body of a known length", () => {
  itDecodes("§6.2 ends where its length says", "hello", "hello", {
    framing: 5,
  });
  itDecodes("§6.2 may hold any byte", "\r\n\x00\xff", "\r\n\x00\xff", {
    framing: 4,
  });

  test("§6.2 is not whole before its last byte", () => {
    assert.equal(decodeBody([Buffer.from("hell")], 5), "needMore");
    assert.equal(decodeBody([], 5), "needMore");
  });

  test("§6.2 of 0 bytes is whole at once", () => {
    const outcome = decodeBody([Buffer.from("GET")], 0);
    assert.ok(typeof outcome !== "string");
    assert.equal(outcome.rest, "GET");
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

  itDecodes("§6.2 at the limit is fine", "hello", "hello", {
    framing: 5,
    limits: { maxBodyBytes: 5 },
  });
  itRefusesBody(
    "RFC 9110 §15.5.14 over the limit gets 413 before it is read",
    "h",
    "413 body_too_large",
    { framing: 6, limits: { maxBodyBytes: 5 } },
  );
});
