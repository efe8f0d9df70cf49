import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HeadParser } from "../../../../src/worker/http1/head/head-parser.ts";
import type { RequestHead } from "../../../../src/worker/http1/head/request-head.ts";
import type { ParserLimits } from "../../../../src/worker/http1/parser-limits.ts";
import { ProtocolError } from "../../../../src/worker/http1/protocol-error.ts";
import { cutInTwo } from "../../../support/wire-cases.ts";
import { LIMITS } from "../limits.ts";

const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

type Outcome =
  | { readonly head: RequestHead; readonly endOffset: number }
  /** "400 field", or "needMore" */
  | string;

/** Parses bytes as they arrive: each call is given all that has come. */
function parse(
  pieces: readonly (Buffer | string)[],
  limits: Partial<ParserLimits> = {},
): Outcome {
  const parser = new HeadParser({ ...LIMITS, ...limits });
  let all = Buffer.alloc(0);
  try {
    for (const piece of pieces) {
      all = Buffer.concat([all, Buffer.from(piece as string, "latin1")]);
      const head = parser.parse(all);
      if (head) return { head, endOffset: parser.endOffset };
    }
    return "needMore";
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.status} ${error.reason}`;
  }
}

function headOf(...pieces: (Buffer | string)[]): RequestHead {
  const outcome = parse(pieces);
  if (typeof outcome === "string") assert.fail(outcome);
  return outcome.head;
}

describe("a head parser", () => {
  test("§3 gives what the head said", () => {
    const { headers, ...head } = headOf(GET);
    assert.deepEqual([...headers], [["host", "h"]]);
    assert.deepEqual(head, {
      method: "GET",
      target: "/",
      rawTarget: "/",
      httpVersion: "1.1",
      framing: 0,
      keepsAlive: true,
      expectsContinue: false,
      upgrades: [],
    });
  });

  test("§2.2 knows where the head ends", () => {
    for (const pieces of [[GET], [`${GET}${GET}`], ["\r\n", `${GET}x`]]) {
      const outcome = parse(pieces);
      if (typeof outcome === "string") assert.fail(outcome);
      const { length } = pieces.join("").startsWith("\r\n")
        ? `\r\n${GET}`
        : GET;
      assert.equal(outcome.endOffset, length);
    }
  });

  test("§2.2 takes what has not ended for no error", () => {
    for (const [first = Buffer.of()] of cutInTwo(GET)) {
      assert.equal(parse([first]), "needMore", String(first));
    }
    // It may yet turn out to be no token.
    const method = "A".repeat(33);
    assert.equal(parse([method]), "needMore");
    assert.equal(parse([method, "\r"]), "400 method");
  });

  test("§2.2 knows whether a head has begun", () => {
    const parser = new HeadParser(LIMITS);
    for (const [sent, hasBegun] of [
      ["", false],
      ["\r", false],
      ["\r\n", false],
      ["\r\nG", true],
    ] as const) {
      const bytes = Buffer.from(sent);
      parser.parse(bytes);
      assert.equal(parser.hasBegun(bytes), hasBegun, JSON.stringify(sent));
    }
  });

  test("RFC 9110 §9.3.2 knows HEAD from its space on", () => {
    for (const [sent, isForHead] of [
      ["HEAD", false],
      ["HEAD ", true],
      ["\r\nHEAD / HTTP", true],
      ["HEAD / HTTP/1.1\r\nA", true],
      ["HEADS ", false],
      ["GET / ", false],
    ] as const) {
      const parser = new HeadParser(LIMITS);
      const bytes = Buffer.from(sent);
      parser.parse(bytes);
      assert.equal(parser.isForHead(bytes), isForHead, JSON.stringify(sent));
    }
  });

  test("§6.2 takes any length that is a safe integer", () => {
    const length = Number.MAX_SAFE_INTEGER;
    const fields = `Host: h\r\nContent-Length: ${length}\r\n`;
    const { framing } = headOf(`PUT / HTTP/1.1\r\n${fields}\r\n`);
    assert.equal(framing, length);
  });

  test("§6.1 refuses a coding with many blanks as fast as any", () => {
    const value = `gzip${" ".repeat(16_000)}x`;
    const fields = `Host: h\r\nTransfer-Encoding: ${value}\r\n`;
    const wire = `POST / HTTP/1.1\r\n${fields}\r\n`;
    const startedAt = performance.now();
    for (let count = 0; count < 100; count++) {
      assert.equal(parse([wire]), "400 framing");
    }
    // Less than a tenth of that, unless blanks are looked at again and again.
    assert.ok(performance.now() - startedAt < 2_000);
  });
});
