import assert from "node:assert/strict";
import fc from "fast-check";
import { fuzzProperty } from "../fuzz-property.ts";
import {
  expectedBody,
  expectedFields,
  expectedTrailers,
  madePipeline,
  wireOf,
} from "../inputs/made-request.ts";
import { cutAt, cuts } from "../inputs/wire.ts";
import { play } from "../play.ts";

export const validRequests = fuzzProperty({
  name: "valid-requests",
  sentence: "valid requests come out exactly as they were made",
  inputs: fc.record({ made: madePipeline, cuts, waits: fc.boolean() }),
  check: async ({ made, cuts, waits }) => {
    const { requests, responses } = await play({
      pieces: cutAt(made.map(wireOf).join(""), cuts),
      waits,
      ending: "fin",
      limits: "usual",
    });
    const expected = made.map((request) => ({
      method: request.method,
      target: request.target,
      version: request.version,
      fields: expectedFields(request),
      upgrades: [],
      body: expectedBody(request),
      trailers: expectedTrailers(request),
    }));
    assert.deepEqual(requests, expected);
    const statuses = responses.map(({ status }) => status);
    assert.deepEqual(
      statuses,
      made.map(() => 200),
    );
  },
});
