/** RFC 9112 §3: the request line. Targets have a file of their own. */
import assert from "node:assert/strict";
import type { ParseErrorReason } from "../../src/worker/http1/protocol-error.ts";
import { accepts } from "./accepts.ts";
import { refuses } from "./refuses.ts";

type Refused = [what: string, line: string, reason: ParseErrorReason];

const REST = "\r\nHost: h\r\n\r\n";

/** A request line of so many bytes, its CRLF included. */
function lineOf(bytes: number): string {
  const empty = "GET / HTTP/1.1\r\n";
  return `GET /${"a".repeat(bytes - empty.length)} HTTP/1.1`;
}

accepts(
  "request-line/well-formed",
  "§3 is a method, a target and a version",
  `PUT /a?b HTTP/1.1${REST}`,
  { method: "PUT", target: "/a?b", httpVersion: "1.1" },
);
accepts(
  "request-line/well-formed",
  "§3 is the same in 1.0",
  `PUT /a?b HTTP/1.0${REST}`,
  { method: "PUT", target: "/a?b", httpVersion: "1.0" },
  { closes: true },
);

const blanks: Refused[] = [
  ["two spaces after the method", "GET  / HTTP/1.1", "request_line"],
  ["two spaces after the target", "GET /  HTTP/1.1", "version"],
  ["a TAB after the method", "GET\t/ HTTP/1.1", "method"],
  ["a TAB after the target", "GET /\tHTTP/1.1", "target"],
  ["a VT after the method", "GET\x0b/ HTTP/1.1", "method"],
  ["a FF after the target", "GET /\x0cHTTP/1.1", "target"],
  ["a space before the method", " GET / HTTP/1.1", "method"],
  ["a TAB before the method", "\tGET / HTTP/1.1", "method"],
  ["a space at the end", "GET / HTTP/1.1 ", "version"],
  ["a TAB at the end", "GET / HTTP/1.1\t", "version"],
  ["a line of spaces", "   ", "method"],
];
for (const [what, line, reason] of blanks) {
  const wire = `${line}${REST}`;
  refuses("request-line/blanks", `§3 refuses ${what}`, wire, { reason });
}

const parts: Refused[] = [
  ["a method alone", "GET", "method"],
  ["a method and a space", "GET ", "request_line"],
  ["no target", "GET HTTP/1.1", "request_line"],
  ["no version (HTTP/0.9)", "GET /", "request_line"],
  ["an empty version", "GET / ", "version"],
  ["no method", "/ HTTP/1.1", "method"],
  ["a fourth word", "GET / HTTP/1.1 x", "version"],
  ["a target in two words", "GET /a b HTTP/1.1", "version"],
];
for (const [what, line, reason] of parts) {
  const wire = `${line}${REST}`;
  refuses("request-line/missing-part", `§3 refuses ${what}`, wire, { reason });
}

// --- the length of the line

for (const bytes of [8_000, 8_192]) {
  const line = lineOf(bytes);
  const target = line.slice(4, -" HTTP/1.1".length);
  assert.equal(line.length + 2, bytes);
  accepts(
    "request-line/length",
    `§3 takes a line of ${bytes} bytes`,
    line + REST,
    { target },
    { randomSplits: 1 },
  );
}
const limits = { maxRequestLineBytes: 64 };
accepts(
  "request-line/length",
  "§3 takes a line of what the limit is set to",
  lineOf(64) + REST,
  { method: "GET" },
  { limits },
);

refuses(
  "request-line/too-long",
  "§3 refuses a line of 8,193 bytes",
  lineOf(8_193) + REST,
  { randomSplits: 1 },
);
refuses(
  "request-line/too-long",
  "§3 refuses a line over the limit, also without its end",
  [lineOf(65) + REST, `GET /${"a".repeat(59)}`, lineOf(1_000) + REST],
  { limits },
);
refuses(
  "request-line/too-long",
  "§3 counts a line from after the empty ones",
  `\r\n\r\n${lineOf(65)}${REST}`,
  { limits },
);

// --- §3.1 method

const methods = ["POST", "get", "M-SEARCH", "PURGE", "!#$%&'*+-.^_`|~09Az"];
for (const method of [...methods, "A".repeat(32)]) {
  accepts(
    "request-line/method-case",
    `§3.1 leaves ${method} to the app`,
    `${method} / HTTP/1.1${REST}`,
    { method },
  );
}

for (const byte of '\x00\x1f\x7f\x80\xff"(),/:;<=>?@[\\]{}') {
  const methods = [`${byte}GET`, `GE${byte}T`, `GET${byte}`];
  refuses(
    "request-line/method-syntax",
    `§3.1 refuses ${JSON.stringify(byte)} in a method`,
    methods.map((method) => `${method} / HTTP/1.1${REST}`),
  );
}

for (const bytes of [33, 100, 8_191]) {
  refuses(
    "request-line/overlong-method",
    `§3 does not have a method of ${bytes} bytes`,
    `${"A".repeat(bytes)} / HTTP/1.1${REST}`,
    { randomSplits: 1 },
  );
}
refuses(
  "request-line/method-syntax",
  "§3.1 refuses a long method that turns out to be no token",
  `${"A".repeat(33)}\r\n`,
);
refuses(
  "request-line/endless-method",
  "§3 refuses a line that is all method, also without its end",
  ["A".repeat(64), `${"A".repeat(64)} / HTTP/1.1${REST}`, "A".repeat(1_000)],
  { limits },
);
refuses(
  "request-line/endless-method",
  "§3 refuses 8,192 bytes of method",
  "A".repeat(8_192),
  { randomSplits: 1 },
);
