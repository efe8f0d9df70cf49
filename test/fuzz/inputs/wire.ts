import fc from "fast-check";
import type { ReferenceLimits } from "../../support/reference-reader.ts";
import { LIMITS } from "../../worker/http1/limits.ts";
import { madePipeline, wireOf } from "./made-request.ts";
import { garbage, mutation, soup } from "./mutations.ts";

/** Limits that short inputs reach. */
const TIGHT_LIMITS: ReferenceLimits = {
  maxRequestLineBytes: 64,
  maxHeadBytes: 200,
  maxFields: 5,
  maxBodyBytes: 60,
  maxChunkExtensionBytes: 16,
};

const LIMITS_BY_NAME = { usual: LIMITS, tight: TIGHT_LIMITS };

export type LimitsName = keyof typeof LIMITS_BY_NAME;

export function limitsOf(name: LimitsName): ReferenceLimits {
  return LIMITS_BY_NAME[name];
}

export const limitsName: fc.Arbitrary<LimitsName> = fc.constantFrom(
  "usual",
  "usual",
  "tight",
);

const validWire = madePipeline.map((made) => made.map(wireOf).join(""));

const mutations = fc.array(mutation, { minLength: 1, maxLength: 5 });

const mutatedWire = fc.tuple(validWire, mutations).map(([wire, changes]) => {
  return changes.reduce((changed, change) => change(changed), wire);
});

/** The start of one stream and the end of another. */
const splicedWire = fc
  .tuple(validWire, validWire, fc.nat(10_000), fc.nat(10_000))
  .map(([first, second, end, start]) => {
    const beginning = first.slice(0, end % (first.length + 1));
    return beginning + second.slice(start % (second.length + 1));
  });

/** A pipeline longer than a connection buffers. */
const longWire = fc.tuple(validWire, validWire).map(([first, last]) => {
  const field = `X: ${"x".repeat(10_000)}`;
  const request = `GET /x HTTP/1.1\r\nHost: h\r\n${field}\r\n\r\n`;
  return first + request.repeat(8) + last;
});

/** Client input: valid, nearly valid and invalid. */
export const anyWire: fc.Arbitrary<string> = fc.oneof(
  { weight: 30, arbitrary: validWire },
  { weight: 80, arbitrary: mutatedWire },
  { weight: 20, arbitrary: splicedWire },
  { weight: 30, arbitrary: soup },
  { weight: 10, arbitrary: garbage },
  { weight: 2, arbitrary: longWire },
);

/** Random numbers that `cutAt` turns into offsets. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(20_000), {
  maxLength: 10,
});

export function cutAt(wire: string, places: readonly number[]): string[] {
  const ends = places.map((place) => place % (wire.length + 1));
  const sorted = [...new Set([0, ...ends, wire.length])].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => wire.slice(sorted[index], end));
}
