import assert from "node:assert/strict";
import fc from "fast-check";
import { fuzzProperty } from "../fuzz-property.ts";
import { anyWire, cutAt, cuts, limitsName } from "../inputs/wire.ts";
import { type Outcome, type Play, play } from "../play.ts";

/** Longest input to deliver byte by byte, which is slow. */
const MAX_BYTEWISE = 600;

export const splits = fuzzProperty({
  name: "splits",
  sentence: "bytes mean the same however they are cut",
  inputs: fc.record({
    wire: anyWire,
    cuts,
    waits: fc.boolean(),
    ending: fc.constantFrom("fin" as const, "silence" as const),
    limits: limitsName,
  }),
  check: async ({ wire, cuts, ...how }) => {
    const whole = await outcomeOf({ ...how, pieces: [wire] });
    const cut = await outcomeOf({ ...how, pieces: cutAt(wire, cuts) });
    assert.deepEqual(cut, whole);
    if (wire.length > MAX_BYTEWISE) return;
    assert.deepEqual(await outcomeOf({ ...how, pieces: [...wire] }), whole);
  },
});

async function outcomeOf(given: Play): Promise<Outcome> {
  const outcome = await play(given);
  const responses = outcome.responses.map((response) => {
    const headers = { ...response.headers, date: "" };
    const fields = response.fields.filter(([name]) => name !== "Date");
    // Whether a 100 is sent depends on how much of the body came at once.
    return { ...response, headers, fields, interim: [] };
  });
  // The handler is not called if an invalid body arrived all at once.
  const requests = outcome.requests.filter(({ body }) => body !== undefined);
  return { ...outcome, requests, responses };
}
