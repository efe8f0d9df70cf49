import assert from "node:assert/strict";
import fc from "fast-check";
import { RequestBody } from "../../../src/worker/http/body/request-body.ts";
import { HttpError } from "../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import {
  type ReferenceEntry,
  type ReferenceFormLimits,
  readReferenceForm,
} from "../../support/reference-form.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import { anyForm } from "../inputs/made-form.ts";
import { cutAt, cuts } from "../inputs/wire.ts";

const LIMITS: Readonly<Record<"usual" | "tight", ReferenceFormLimits>> = {
  usual: {
    maxParts: 1_000,
    maxNameBytes: 256,
    maxFieldBytes: 1_048_576,
    maxFileBytes: Number.POSITIVE_INFINITY,
  },
  tight: { maxParts: 2, maxNameBytes: 8, maxFieldBytes: 9, maxFileBytes: 5 },
};

/** Longest form to deliver byte by byte, which is slow. */
const MAX_BYTEWISE = 600;

export const forms = fuzzProperty({
  name: "forms",
  sentence: "a form is what the reference reader finds, however it is cut",
  inputs: fc.record({
    form: anyForm,
    cuts,
    limits: fc.constantFrom("usual" as const, "usual" as const, "tight"),
  }),
  check: async ({ form: { boundary, wire }, cuts, limits }) => {
    const options = LIMITS[limits];
    const read = (pieces: readonly string[]) => {
      return outcomeOf(pieces, boundary, options);
    };
    const whole = await read([wire]);
    assert.deepEqual(await read(cutAt(wire, cuts)), whole);
    if (wire.length <= MAX_BYTEWISE) {
      assert.deepEqual(await read([...wire]), whole);
    }
    const expected = readReferenceForm(wire, boundary, options);
    if ("entries" in expected) assert.deepEqual(whole, expected.entries);
    else {
      const { statuses } = expected;
      const text = `${JSON.stringify(whole)}, not ${statuses.join(" or ")}`;
      const isExpected = "status" in whole && statuses.includes(whole.status);
      assert.ok(isExpected, text);
    }
  },
});

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** Returns the result of reading a form that arrives in these pieces. */
async function outcomeOf(
  pieces: readonly string[],
  boundary: string,
  limits: ReferenceFormLimits,
): Promise<readonly ReferenceEntry[] | Refusal> {
  const body = new RequestBody();
  const contentType = `multipart/form-data; boundary="${boundary}"`;
  const headers = { "Content-Type": contentType };
  const reading = new HttpRequest({ headers, body }).formData(limits);
  const outcome = reading.then(entriesOf, refusalOf);
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, "latin1");
    body.push(bytes);
    // The chunk is valid until push() returns.
    bytes.fill("?");
    // Alternates between a waiting and a busy reader.
    if (piece.length % 2) await null;
  }
  body.end();
  return Promise.race([outcome, untilLong()]);
}

/** Times out: after the end of a body, no step takes several turns. */
async function untilLong(): Promise<never> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  throw new Error("formData() does not settle");
}

function entriesOf(form: FormData): Promise<ReferenceEntry[]> {
  return Promise.all(
    [...form].map(async ([name, value]): Promise<ReferenceEntry> => {
      if (typeof value === "string") return { name, text: value };
      const bytes = Buffer.from(await value.arrayBuffer());
      const content = bytes.toString("latin1");
      return { name, filename: value.name, type: value.type, content };
    }),
  );
}

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof HttpError)) throw error;
  return { status: error.status, message: error.message };
}
