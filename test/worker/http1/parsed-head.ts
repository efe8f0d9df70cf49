import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadParser } from "../../../src/worker/http1/head-parser.ts";
import type { ParserLimits } from "../../../src/worker/http1/limits.ts";
import { ProtocolError } from "../../../src/worker/http1/protocol-error.ts";
import type { RequestHead } from "../../../src/worker/http1/request-head.ts";
import { type Delivery, deliveriesOf } from "../../support/wire-cases.ts";
import { LIMITS } from "./limits.ts";

export type Outcome =
  | { readonly head: RequestHead; readonly endOffset: number }
  /** "400 field", or "needMore" */
  | string;

/** Parses bytes as they arrive: each call is given all that has come. */
export function parseHead(
  pieces: readonly Buffer[],
  limits: Partial<ParserLimits> = {},
): Outcome {
  const parser = new HeadParser({ ...LIMITS, ...limits });
  try {
    const all = Buffer.concat(pieces);
    let arrivedBytes = 0;
    for (const piece of pieces) {
      arrivedBytes += piece.length;
      const head = parser.parse(all.subarray(0, arrivedBytes));
      if (head) return { head, endOffset: parser.endOffset };
    }
    return "needMore";
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.status} ${error.reason}`;
  }
}

/** The head of a request that must be fine, sent as a whole. */
export function acceptedHead(wire: string): RequestHead {
  const outcome = parseHead([Buffer.from(wire, "latin1")]);
  if (typeof outcome === "string") assert.fail(`${outcome}: ${wire}`);
  return outcome.head;
}

export interface RefusalOptions {
  readonly limits?: Partial<ParserLimits>;
}

/** A test that the bytes are refused, in whatever pieces they come. */
export function itRefuses(
  title: string,
  wire: string,
  expected: string,
  { limits = {} }: RefusalOptions = {},
): void {
  test(title, () => {
    for (const delivery of deliveriesOf(wire)) {
      const outcome = parseHead(delivery.pieces, limits);
      assert.equal(shown(outcome), expected, delivery.name);
    }
  });
}

/** A test that `check` holds for the head, in whatever pieces it comes. */
export function itAccepts(
  title: string,
  wire: string,
  check: (head: RequestHead) => void,
  { limits = {} }: RefusalOptions = {},
): void {
  test(title, () => {
    for (const delivery of deliveriesOf(wire)) {
      const outcome = parseHead(delivery.pieces, limits);
      if (typeof outcome === "string") {
        assert.fail(`${outcome} (${delivery.name})`);
      }
      assert.equal(outcome.endOffset, ownBytes(delivery), delivery.name);
      check(outcome.head);
    }
  });
}

function shown(outcome: Outcome): string {
  return typeof outcome === "string" ? outcome : "accepted";
}

function ownBytes({ pieces, trailingBytes }: Delivery): number {
  return Buffer.concat(pieces).length - trailingBytes;
}
