import fc from "fast-check";

/** A handler's response; bytes and fields are Latin-1. */
export interface MadeResponse {
  readonly status: number;
  readonly reason: string | null;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body:
    | { readonly type: "none" }
    | { readonly type: "text" | "bytes"; readonly content: string }
    | {
        readonly type: "generator" | "readable" | "webStream";
        readonly pieces: readonly string[];
      };
  /** Declared Content-Length: none, the correct one, or a wrong one. */
  readonly declares: "none" | "right" | "wrong";
}

const codes = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    return String.fromCharCode(from + index);
  });
const ANY_BYTE = codes(0, 0xff);
const VALUE_CHARS = ["\t", ...codes(0x20, 0x7e), ...codes(0x80, 0xff)];
const NAMES = [
  "X-One",
  "x-one",
  "Set-Cookie",
  "Content-Type",
  "__proto__",
  "constructor",
  "A!#$%&'*+-.^_`|~9",
  "Date",
  "Server",
];

const text = (chars: readonly string[], maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...chars), maxLength });

const content = fc.oneof(
  text(ANY_BYTE, 40),
  fc.constantFrom("0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "x".repeat(70_000)),
);
const body = fc.oneof(
  fc.constant({ type: "none" as const }),
  fc.record({
    type: fc.constantFrom("text" as const, "bytes" as const),
    content,
  }),
  fc.record({
    type: fc.constantFrom(
      "generator" as const,
      "readable" as const,
      "webStream" as const,
    ),
    pieces: fc.array(content, { maxLength: 4 }),
  }),
);

export const madeResponse: fc.Arbitrary<MadeResponse> = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 204, 205, 304, 404, 500),
    fc.integer({ min: 200, max: 599 }),
  ),
  reason: fc.option(text(VALUE_CHARS, 12)),
  fields: fc.array(fc.tuple(fc.constantFrom(...NAMES), text(VALUE_CHARS, 12)), {
    maxLength: 5,
  }),
  body,
  declares: fc.constantFrom("none", "none", "right", "wrong"),
});

/** The body as Latin-1 bytes; text is sent as UTF-8. */
export function contentOf({ body }: MadeResponse): string {
  if (body.type === "none") return "";
  if ("pieces" in body) return body.pieces.join("");
  if (body.type === "bytes") return body.content;
  return Buffer.from(body.content).toString("latin1");
}
