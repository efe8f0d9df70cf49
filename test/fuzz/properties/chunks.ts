import assert from "node:assert/strict";
import fc from "fast-check";
import { ChunkedDecoder } from "../../../src/worker/http1/body/chunked-decoder.ts";
import { ProtocolError } from "../../../src/worker/http1/protocol-error.ts";
import { readChunks } from "../../support/reference-chunks.ts";
import { ReadingEnd } from "../../support/reference-grammar.ts";
import type { ReferenceLimits } from "../../support/reference-reader.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import { chunkedBody } from "../inputs/made-request.ts";
import { mutation } from "../inputs/mutations.ts";
import { cutAt, cuts, limitsName, limitsOf } from "../inputs/wire.ts";

interface Decoded {
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
  /** Bytes after the body. */
  readonly rest: string;
}

const mutatedBody = fc
  .tuple(chunkedBody, fc.array(mutation, { maxLength: 4 }))
  .map(([wire, changes]) => {
    return changes.reduce((changed, change) => change(changed), wire);
  });

export const chunks = fuzzProperty({
  name: "chunks",
  sentence: "chunks are decoded as the reference reader does it",
  inputs: fc.record({ wire: mutatedBody, cuts, limits: limitsName }),
  inputsPerTurn: 500,
  check: ({ wire, cuts, limits }) => {
    const decoded = decode(cutAt(wire, cuts), limitsOf(limits));
    const expected = readReferenceChunks(wire, limitsOf(limits));
    if (typeof decoded === "number" && Array.isArray(expected)) {
      const isExpected = expected.includes(decoded);
      assert.ok(isExpected, `${decoded} instead of ${expected.join(" or ")}`);
    } else assert.deepEqual(decoded, expected);
  },
});

/** Returns a status if the body is refused. */
function decode(
  pieces: readonly string[],
  limits: ReferenceLimits,
): Decoded | "incomplete" | number {
  const decoder = new ChunkedDecoder(limits);
  let body = "";
  let rest = "";
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece, "latin1");
      const end = decoder.decode(bytes, 0, (chunk) => {
        body += chunk.toString("latin1");
      });
      rest += piece.slice(end);
      bytes.fill("?");
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.status;
  }
  if (!decoder.isDone) return "incomplete";
  return { body, trailers: [...(decoder.trailers ?? [])], rest };
}

function readReferenceChunks(
  wire: string,
  limits: ReferenceLimits,
): Decoded | "incomplete" | readonly number[] {
  try {
    return readChunks(wire, limits);
  } catch (error) {
    if (!(error instanceof ReadingEnd)) throw error;
    return error.statuses.length > 0 ? error.statuses : "incomplete";
  }
}
