import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpHeaders } from "../../../src/worker/http/headers.ts";
import type { BodyDecoder } from "../../../src/worker/http1/body-decoder.ts";
import { bodyDecoderFor } from "../../../src/worker/http1/body-decoder-for.ts";
import type { BodyFraming } from "../../../src/worker/http1/framing.ts";
import type { ParserLimits } from "../../../src/worker/http1/limits.ts";
import { ProtocolError } from "../../../src/worker/http1/protocol-error.ts";
import { deliveriesOf } from "../../support/wire-cases.ts";
import { LIMITS } from "./limits.ts";

export interface DecodedBody {
  readonly content: string;
  readonly trailers: HttpHeaders | undefined;
  /** Bytes that came after the body's end. */
  readonly rest: string;
}

export type Outcome = DecodedBody | string;

/** The whole body with what follows it; "400 chunk"; or "needMore". */
export function decodeBody(
  pieces: readonly Buffer[],
  framing: BodyFraming,
  limits: Partial<ParserLimits> = {},
): Outcome {
  try {
    const decoder = bodyDecoderFor(framing, { ...LIMITS, ...limits });
    return decode(decoder, pieces);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.status} ${error.reason}`;
  }
}

function decode(decoder: BodyDecoder, pieces: readonly Buffer[]): Outcome {
  const chunks: Buffer[] = [];
  const rest: Buffer[] = [];
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    const end = decoder.decode(bytes, 0, (chunk) => {
      chunks.push(Buffer.from(chunk));
    });
    // It stops in the middle of a piece for one reason only.
    assert.ok(end === piece.length || decoder.isDone);
    rest.push(piece.subarray(end));
    bytes.fill("?"); // they are valid for the call only
  }
  if (!decoder.isDone) return "needMore";
  assert.equal(decoder.remainingBytes, 0);
  return {
    content: Buffer.concat(chunks).toString("latin1"),
    trailers: decoder.trailers,
    rest: Buffer.concat(rest).toString("latin1"),
  };
}

export interface BodyOptions {
  readonly framing?: BodyFraming;
  readonly limits?: Partial<ParserLimits>;
}

/** A test that the body has that content, in whatever pieces it comes. */
export function itDecodes(
  title: string,
  wire: string,
  content: string,
  { framing = "chunked", limits = {} }: BodyOptions = {},
): void {
  test(title, () => {
    for (const { name, pieces, trailingBytes } of deliveriesOf(wire)) {
      const outcome = decodeBody(pieces, framing, limits);
      if (typeof outcome === "string") assert.fail(`${outcome} (${name})`);
      assert.equal(outcome.content, content, name);
      assert.equal(outcome.rest.length, trailingBytes, name);
    }
  });
}

/** A test that the body is refused, in whatever pieces it comes. */
export function itRefusesBody(
  title: string,
  wire: string,
  expected: string,
  { framing = "chunked", limits = {} }: BodyOptions = {},
): void {
  test(title, () => {
    for (const { name, pieces } of deliveriesOf(wire)) {
      const outcome = decodeBody(pieces, framing, limits);
      assert.equal(
        typeof outcome === "string" ? outcome : "accepted",
        expected,
        name,
      );
    }
  });
}
