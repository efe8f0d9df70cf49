import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ReferenceReading,
  readReference,
} from "../../support/reference-reader.ts";
import { expectedRequests, inOrder } from "../expected-requests.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import { anyWire, cutAt, cuts, limitsName, limitsOf } from "../inputs/wire.ts";
import { type Outcome, type Play, play } from "../play.ts";

export const reference = fuzzProperty({
  name: "reference",
  sentence: "requests are those that the reference reader finds",
  inputs: fc.record({
    wire: anyWire,
    cuts,
    waits: fc.boolean(),
    ending: fc.constantFrom("fin" as const, "silence" as const),
    limits: limitsName,
  }),
  check: async ({ wire, cuts, ...how }) => {
    const outcome = await play({ ...how, pieces: cutAt(wire, cuts) });
    assertAsRead(outcome, readReference(wire, limitsOf(how.limits)), how);
  },
});

export function assertAsRead(
  { requests, responses, ending }: Outcome,
  reading: ReferenceReading,
  how: Pick<Play, "ending">,
): void {
  const expected = expectedRequests(reading);
  const isOpen = expected.length > reading.requests.length;
  // The handler is not called if an invalid body arrived all at once.
  if (reading.end.type === "refused" && isOpen) {
    expected.length = requests.length;
  }
  assert.deepEqual(requests.map(inOrder), expected);
  const refusal = expectedRefusal(reading, how);
  const answered = reading.requests.length;
  assert.equal(responses.length, answered + Number(refusal !== undefined));
  for (const [index, { status, headers, body }] of responses.entries()) {
    if (index === answered) {
      const isExpected = refusal?.includes(status);
      assert.ok(isExpected, `${status} instead of ${refusal?.join(" or ")}`);
      assert.equal(headers.connection, "close");
      assert.equal(body.length === 0, isForHead(reading));
      continue;
    }
    const request = reading.requests[index];
    assert.ok(request);
    assert.equal(status, 200);
    assert.equal(headers["x-index"], String(index));
    const text = `${request.target} ${request.body.length}`;
    assert.equal(String(body), request.method === "HEAD" ? "" : text);
    assert.equal(headers.connection === "close", request.closes);
  }
  assert.equal(ending, "fin");
  assertInterim({ requests, responses });
}

/** Acceptable statuses of the refusal after the requests, if any. */
function expectedRefusal(
  { end }: ReferenceReading,
  { ending }: Pick<Play, "ending">,
): readonly number[] | undefined {
  switch (end.type) {
    case "refused":
      return end.statuses;
    case "inHead":
    case "inBody":
      return ending === "silence" ? [408] : undefined;
    case "idle":
    case "closes":
      return undefined;
    default:
      return end satisfies never;
  }
}

/** Whether the refusal after the requests has no content. */
function isForHead({ end }: ReferenceReading): boolean {
  if (end.type === "inBody") return end.head.method === "HEAD";
  return "isForHead" in end && end.isForHead;
}

/** RFC 9110 §10.1.1: a 100 is sent only to a request that expects it. */
function assertInterim({
  requests,
  responses,
}: Pick<Outcome, "requests" | "responses">): void {
  for (const [index, { interim }] of responses.entries()) {
    if (interim.length === 0) continue;
    assert.deepEqual(interim, [100]);
    const names = requests[index]?.fields.map(([name]) => name);
    assert.ok(names?.includes("expect"), "a 100 that nobody asked for");
    assert.equal(requests[index]?.version, "1.1");
  }
}
