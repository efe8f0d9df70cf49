import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChunkedDecoder } from "../../../src/worker/http1/chunked-decoder.ts";
import { cutInTwo, deliveriesOf } from "../../support/wire-cases.ts";
import { decodeBody, itDecodes, itRefusesBody } from "./decoded-body.ts";
import { LIMITS } from "./limits.ts";

const END = "0\r\n\r\n";

describe("a chunked body", () => {
  const fine: [title: string, wire: string, content: string][] = [
    ["§7.1 may be empty", END, ""],
    ["§7.1 is put together", `3\r\nabc\r\n2\r\nde\r\n${END}`, "abcde"],
    ["§7.1 may hold CRLF", `4\r\n\r\n\r\n\r\n${END}`, "\r\n\r\n"],
    ["§7.1 may hold what looks like its end", `5\r\n${END}\r\n${END}`, END],
    [
      "§7.1 has sizes in small letters",
      `a\r\n0123456789\r\n${END}`,
      "0123456789",
    ],
    ["§7.1 has sizes in capitals", `A\r\n0123456789\r\n${END}`, "0123456789"],
    ["§7.1 may have zeros before a size", `0003\r\nabc\r\n${END}`, "abc"],
    ["§7.1 may end in many zeros", `${"0".repeat(16)}\r\n\r\n`, ""],
    ["§7.1 may hold any byte", `3\r\n\x00\x80\xff\r\n${END}`, "\x00\x80\xff"],
    [
      "§7.1 may have long chunks",
      `1000\r\n${"x".repeat(4096)}\r\n${END}`,
      "x".repeat(4096),
    ],
  ];
  for (const [title, wire, content] of fine) itDecodes(title, wire, content);

  test("§7.1 may be cut anywhere", () => {
    const wire = "5;a=b\r\nhello\r\n1;c\r\n!\r\n0\r\nA: 1\r\n\r\n";
    for (const pieces of cutInTwo(wire)) {
      const outcome = decodeBody(pieces, "chunked");
      assert.ok(typeof outcome !== "string");
      assert.equal(outcome.content, "hello!");
      assert.equal(outcome.trailers?.get("a"), "1");
    }
  });

  test("§7.1 is not whole before its last LF", () => {
    const wire = `3\r\nabc\r\n${END}`;
    for (let bytes = 1; bytes < wire.length; bytes++) {
      const outcome = decodeBody(
        [Buffer.from(wire.slice(0, bytes))],
        "chunked",
      );
      assert.equal(outcome, "needMore", wire.slice(0, bytes));
    }
  });

  test("§7.1 gives its chunks as they come, without copies", () => {
    const decoder = new ChunkedDecoder(LIMITS);
    const bytes = Buffer.from("5\r\nab");
    const chunks: Buffer[] = [];
    decoder.decode(bytes, 0, (chunk) => chunks.push(chunk));
    decoder.decode(Buffer.from("cde"), 0, (chunk) => chunks.push(chunk));
    assert.deepEqual(chunks.map(String), ["ab", "cde"]);
    assert.equal(chunks[0]?.buffer, bytes.buffer);
    assert.equal(decoder.remainingBytes, Number.POSITIVE_INFINITY);
  });
});

describe("a chunk's size", () => {
  const refused = [
    "",
    " 3",
    "3 ",
    "\t3",
    "3\t",
    "+3",
    "-3",
    "0x3",
    "3h",
    "g",
    "1_0",
    "3.0",
    "3,3",
    "\x003",
    "3\x00",
    "\xb2",
    '"3"',
    "20000000000000",
    "FFFFFFFFFFFFFFFF",
    "10000000000000003",
  ];
  for (const size of refused) {
    const wire = `${size}\r\nabc\r\n${END}`;
    const shown = JSON.stringify(size);
    itRefusesBody(`§7.1 ${shown} is refused`, wire, "400 chunk");
  }
  itRefusesBody(
    "§7.1 over the body's limit gets 413, before its data",
    "1fffffffffffff\r\n",
    "413 body_too_large",
  );
  itRefusesBody(
    "§7.1 that never ends is refused",
    "0".repeat(1_000),
    "400 chunk",
  );
});

describe("line ends in a chunked body", () => {
  const refused: [title: string, wire: string][] = [
    ["§7.1 a LF after a size", `3\nabc\r\n${END}`],
    ["§7.1 a CR after a size", `3\rabc\r\n${END}`],
    ["§7.1 CR CR LF after a size", `3\r\r\nabc\r\n${END}`],
    ["§7.1 a LF after data", `3\r\nabc\n${END}`],
    ["§7.1 a CR after data", `3\r\nabc\r${END}`],
    ["§7.1 nothing after data", `3\r\nabc${END}`],
    ["§7.1 other bytes after data", `3\r\nabcXX${END}`],
    ["§7.1 data longer than its size", `3\r\nabcd\r\n${END}`],
    ["§7.1 an empty line after data", `3\r\nabc\r\n\r\n${END}`],
    ["§7.1 a LF after the last size", "0\n\r\n"],
    ["§7.1 a LF after an extension", `3;a\nabc\r\n${END}`],
    ["§7.1 a CR after an extension", `3;a\rabc\r\n${END}`],
    ["§7.1 a LF in an extension's quotes", `3;a="\n"\r\nabc\r\n${END}`],
    ["§7.1 a CRLF in an extension's quotes", `3;a="\r\n"\r\nabc\r\n${END}`],
  ];
  for (const [title, wire] of refused) {
    itRefusesBody(`${title} is refused`, wire, "400 chunk");
  }
  itRefusesBody("§7.1.2 a LF for the end is refused", "0\r\n\n", "400 trailer");
  itRefusesBody(
    "§7.1.2 a CR for the end is refused",
    "0\r\n\rx",
    "400 trailer",
  );
});

describe("the limits of a chunked body", () => {
  const limits = { maxBodyBytes: 5 };
  itDecodes(
    "§7.1 allow all of its bytes",
    `3\r\nabc\r\n2\r\nde\r\n${END}`,
    "abcde",
    { limits },
  );
  itRefusesBody(
    "RFC 9110 §15.5.14 count its chunks together",
    `3\r\nabc\r\n3\r\n`,
    "413 body_too_large",
    { limits },
  );
  itDecodes("§7.1 may allow empty bodies only", END, "", {
    limits: { maxBodyBytes: 0 },
  });
});

describe("trailers", () => {
  const trailersOf = (wire: string) => {
    return deliveriesOf(wire).map(({ pieces }) => {
      const outcome = decodeBody(pieces, "chunked");
      if (typeof outcome === "string") assert.fail(outcome);
      return [...(outcome.trailers ?? [])];
    });
  };

  test("§7.1.2 are kept in order, apart from the header", () => {
    const wire = "1\r\nx\r\n0\r\nB: 1 \r\nA: \r\nb: 2\r\n\r\n";
    for (const trailers of trailersOf(wire)) {
      assert.deepEqual(trailers, [
        ["b", "1"],
        ["a", ""],
        ["b", "2"],
      ]);
    }
  });

  test("§7.1.2 may be none", () => {
    for (const trailers of trailersOf(END)) assert.deepEqual(trailers, []);
  });

  test("§6.5.1 say nothing of the framing", () => {
    const wire = "0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n";
    for (const trailers of trailersOf(wire)) assert.equal(trailers.length, 2);
  });

  const refused: [title: string, lines: string][] = [
    ["§5.1 with a blank before the colon", "A : 1\r\n"],
    ["§5.2 that are folded", "A: 1\r\n 2\r\n"],
    ["§5.2 that begin with a blank", " A: 1\r\n"],
    ["§5 without a colon", "A\r\n"],
    ["§5 without a name", ": 1\r\n"],
    ["§5 that are a request", "GET / HTTP/1.1\r\n"],
    ["§2.2 that end in LF", "A: 1\n"],
    ["§2.2 that end in CR", "A: 1\rB: 2\r\n"],
    ["RFC 9110 §5.5 with a NUL", "A: \x00\r\n"],
    ["RFC 9110 §5.5 with DEL", "A: \x7f\r\n"],
  ];
  for (const [title, lines] of refused) {
    const wire = `0\r\n${lines}\r\n`;
    itRefusesBody(`${title} are refused`, wire, "400 trailer");
  }

  const limits = { maxHeadBytes: 64, maxFields: 3 };
  const sized = (bytes: number) => `0\r\nA: ${"a".repeat(bytes - 7)}\r\n\r\n`;
  itDecodes("RFC 6585 §5 at their limit are fine", sized(64), "", { limits });
  itRefusesBody(
    "RFC 6585 §5 over their limit get 431",
    sized(65),
    "431 head_too_large",
    { limits },
  );
  itRefusesBody(
    "RFC 6585 §5 over their limit get 431 before their end",
    `0\r\nA: ${"a".repeat(61)}`,
    "431 head_too_large",
    { limits },
  );
  itDecodes(
    "RFC 6585 §5 as many as are allowed are fine",
    `0\r\n${"A: 1\r\n".repeat(3)}\r\n`,
    "",
    { limits },
  );
  itRefusesBody(
    "RFC 6585 §5 of one field more get 431",
    `0\r\n${"A: 1\r\n".repeat(4)}\r\n`,
    "431 head_too_large",
    { limits },
  );
});
