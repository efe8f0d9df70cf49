/** RFC 9112 §11: attacks that two readings of the same bytes allow. */
import assert from "node:assert/strict";
import { HttpHeaders } from "../../src/worker/http/fields/http-headers.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { accepts } from "./accepts.ts";
import { END } from "./chunked-body.ts";
import { refuses } from "./refuses.ts";
import { rule } from "./rule.ts";
import type { RuleId } from "./rules.ts";

// --- §11.1 response splitting

const splitting: [what: string, text: string][] = [
  ["CRLF", "a\r\nSet-Cookie: b"],
  ["CR", "a\rb"],
  ["LF", "a\nb"],
  ["NUL", "a\0b"],
  ["a control character", "a\x01b"],
  ["DEL", "a\x7fb"],
  ["a character beyond Latin-1", "a\u010ab"],
  ["what becomes CRLF in Latin-1", "a\u560d\u560ab"],
  ["a lone surrogate", "a\ud800b"],
];
const places: [where: string, make: (text: string) => unknown][] = [
  ["a value", (text) => new HttpHeaders({ A: text })],
  ["a value that is added", (text) => new HttpHeaders().append("A", text)],
  ["a value of an answer", (text) => new HttpResponse().with("A", text)],
  ["a name", (text) => new HttpHeaders({ [text]: "a" })],
  ["a reason", (text) => new HttpResponse(null, { reason: text })],
];
for (const [what, text] of splitting) {
  rule("responses/splitting", `§11.1 has no ${what} in an answer`, () => {
    for (const [where, make] of places) {
      assert.throws(() => make(text), TypeError, where);
    }
  });
}
rule(
  "responses/splitting",
  "§11.1 answers 500 where a handler tries, and goes on",
  async () => {
    const { client } = connect(async ({ target }) => {
      return new HttpResponse("x").with("Location", decodeURI(target));
    });
    const split = requestOf("GET /a%0d%0aSet-Cookie:%20b");
    client.receive(split + requestOf("GET /fine"));
    await settled();
    const [first, second] = client.responses();
    assert.equal(first?.status, 500);
    assert.equal(second?.headers.location, "/fine");
    assert.ok(!client.sent.includes("Set-Cookie"));
  },
);

// --- §11.2 request smuggling

const INNER = requestOf("GET /smuggled");

/** A request with these field lines, in front of one that is to be hidden. */
function hiding(lines: readonly string[], body: string): string {
  return requestOf("POST /", lines) + body + INNER;
}

const LENGTH = "Content-Length: 5";
const CODING = "Transfer-Encoding: chunked";
const lengthAgainstCoding: [id: RuleId, what: string, lines: string[]][] = [
  ["framing/both-lengths", "CL.TE", [LENGTH, CODING]],
  ["framing/both-lengths", "TE.CL", [CODING, LENGTH]],
  [
    "framing/both-lengths",
    "CL.TE with a coding that is none",
    [LENGTH, "Transfer-Encoding: xchunked"],
  ],
  [
    "framing/both-lengths",
    "CL.TE with a coding in quotes",
    [LENGTH, 'Transfer-Encoding: "chunked"'],
  ],
  [
    "framing/both-lengths",
    "TE.TE with a length",
    [CODING, "Transfer-Encoding: x", LENGTH],
  ],
  [
    "framing/coding-syntax",
    "TE.TE",
    [CODING, "Transfer-Encoding: identity, chunked"],
  ],
  [
    "fields/blank-before-colon",
    "a coding behind a blank",
    [LENGTH, "Transfer-Encoding : chunked"],
  ],
];
for (const [id, what, lines] of lengthAgainstCoding) {
  const wire = hiding(lines, END);
  refuses(id, `§11.2 hides no request by ${what}`, wire);
}

const hiddenFields: [id: RuleId, what: string, lines: string[]][] = [
  ["fields/line-end", "a bare LF", ["A: 1\nTransfer-Encoding: chunked"]],
  ["fields/line-end", "a bare CR", ["A: 1\rTransfer-Encoding: chunked"]],
  [
    "fields/folding",
    "a folded coding",
    [LENGTH, "A: 1", " Transfer-Encoding: chunked"],
  ],
  ["fields/name-syntax", "a NUL in the name", ["Transfer-Encoding\0: chunked"]],
  [
    "fields/value-characters",
    "a NUL in a value",
    ["A: \0Transfer-Encoding: chunked"],
  ],
  [
    "framing/coding-controls",
    "a VT before the coding",
    [LENGTH, "Transfer-Encoding: \x0bchunked"],
  ],
  ["framing/length-twice", "two lengths", [LENGTH, "Content-Length: 0"]],
  ["framing/length-syntax", "a list of lengths", ["Content-Length: 5, 0"]],
  ["framing/length-syntax", "a signed length", ["Content-Length: +5"]],
];
for (const [id, what, lines] of hiddenFields) {
  refuses(id, `§11.2 hides no request by ${what}`, hiding(lines, "12345"));
}

const hiddenInChunks: [id: RuleId, what: string, chunks: string][] = [
  [
    "framing/chunk-extension-line-end",
    "a LF in an extension (TERM.EXT)",
    `1;\na\r\n0\r\n\r\n`,
  ],
  [
    "framing/chunk-extension-line-end",
    "a CRLF in a quoted extension",
    `1;a="\r\nx\r\n0\r\n\r\n"\r\nx\r\n${END}`,
  ],
  ["framing/chunk-line-end", "a LF after a size", `1\nx\r\n${END}`],
  ["framing/chunk-line-end", "a LF after data", `1\r\nx\n${END}`],
  ["framing/chunk-line-end", "two LF after the last size", "0\n\n"],
  ["framing/chunk-data", "two bytes for a CRLF", `1\r\nxXX${END}`],
  ["framing/chunk-size-syntax", "a size of 0x0", "0x0\r\n\r\n"],
  [
    "framing/chunk-size-syntax",
    "a size that overflows 64 bits",
    `10000000000000000\r\n\r\n${END}`,
  ],
  ["framing/trailer-syntax", "a request for a trailer", "0\r\n"],
];
for (const [id, what, chunks] of hiddenInChunks) {
  refuses(id, `§11.2 hides no request by ${what}`, hiding([CODING], chunks), {
    isInBody: true,
  });
}

accepts(
  "framing/content-length",
  "§11.2 has a request within a body as the body",
  requestOf("POST /", [], INNER),
  { target: "/", body: INNER },
);
accepts(
  "framing/chunked",
  "§11.2 has a request within a chunk as the chunk",
  `${requestOf("POST /", [CODING])}${INNER.length.toString(16)}\r\n${INNER}\r\n${END}`,
  { target: "/", body: INNER },
);
accepts(
  "framing/content-length",
  "§11.2 has a request within the body of a GET as the body",
  requestOf("GET /", [], INNER),
  { method: "GET", body: INNER },
);
