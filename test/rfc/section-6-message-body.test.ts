/** RFC 9112 §6: how long a request's body is, with no way to disagree. */
import { accepts } from "./accepts.ts";
import { refuses } from "./refuses.ts";

function post(lines: string, version = "HTTP/1.1", method = "POST"): string {
  return `${method} / ${version}\r\nHost: h\r\n${lines}\r\n`;
}

const LENGTH = "Content-Length: 3\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const CHUNKS = "3\r\nabc\r\n0\r\n\r\n";

// --- §6.3 no framing field

for (const method of ["GET", "POST", "PUT", "DELETE"]) {
  accepts(
    "framing/no-body",
    `§6.3 has no body of ${method} without a framing field`,
    post("", "HTTP/1.1", method),
    { body: "" },
  );
}
accepts(
  "framing/no-body",
  "§6.3 has no body of 1.0 up to the close",
  post("Connection: keep-alive\r\n", "HTTP/1.0"),
  { body: "" },
);

// --- §6.2 Content-Length

const lengths: [what: string, line: string][] = [
  ["a Content-Length", LENGTH],
  ["a Content-Length in small letters", "content-length: 3\r\n"],
  ["a Content-Length without a space", "Content-Length:3\r\n"],
  ["a Content-Length with blanks around it", "Content-Length:\t 3 \t\r\n"],
  ["a Content-Length with zeros before it", "Content-Length: 0003\r\n"],
  ["a Content-Length of many zeros", `Content-Length: ${"0".repeat(40)}3\r\n`],
];
for (const [what, line] of lengths) {
  accepts(
    "framing/content-length",
    `§6.2 ends a body by ${what}`,
    `${post(line)}abc`,
    { body: "abc" },
  );
}
for (const method of ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PURGE"]) {
  accepts(
    "framing/content-length",
    `§6.3 has a body of ${method} that says so`,
    `${post(LENGTH, "HTTP/1.1", method)}abc`,
    { method, body: "abc" },
  );
}
accepts(
  "framing/content-length",
  "§6.2 has an empty body of length 0",
  post("Content-Length: 0\r\n"),
  { body: "" },
);
accepts(
  "framing/content-length",
  "§6.2 has any bytes in a body",
  `${post("Content-Length: 8\r\n")}\r\n\x00\xffGET `,
  { body: "\r\n\x00\xffGET " },
);
accepts(
  "framing/content-length",
  "§6.2 ends a body of 1.0 by its length",
  `${post(LENGTH, "HTTP/1.0")}abc`,
  { body: "abc" },
  { closes: true },
);

const badLengths = [
  "",
  " ",
  "-1",
  "+1",
  "-0",
  "1.0",
  "1e3",
  "0x10",
  "0b1",
  "1_000",
  "1 1",
  "1,1",
  "1, 1",
  "1,",
  ",1",
  "5;",
  "5;q=1",
  '"5"',
  "\xb2",
  "5\xa0",
  "\xa05",
  "a",
  "Infinity",
  "NaN",
  "chunked",
];
for (const value of badLengths) {
  refuses(
    "framing/length-syntax",
    `§6.3 refuses a Content-Length of ${JSON.stringify(value)}`,
    `${post(`Content-Length: ${value}\r\n`)}abc`,
  );
}
refuses(
  "framing/length-syntax",
  "§6.3 refuses a bad Content-Length of a GET too",
  post("Content-Length: x\r\n", "HTTP/1.1", "GET"),
);
refuses(
  "framing/length-syntax",
  "§6.3 refuses a bad Content-Length in 1.0 too",
  post("Content-Length: x\r\n", "HTTP/1.0"),
);

const twice: [what: string, lines: string][] = [
  ["two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n"],
  ["two equal lengths", LENGTH + LENGTH],
  ["two equal lengths in other case", `${LENGTH}CONTENT-length: 3\r\n`],
  ["two equal lengths apart", `${LENGTH}A: 1\r\n${LENGTH}`],
  ["an empty length first", `Content-Length:\r\n${LENGTH}`],
  ["an empty length second", `${LENGTH}Content-Length:\r\n`],
  ["two empty lengths", "Content-Length:\r\nContent-Length:\r\n"],
  ["two lengths of 0", "Content-Length: 0\r\n".repeat(2)],
];
for (const [what, lines] of twice) {
  refuses("framing/length-twice", `§6.3 refuses ${what}`, `${post(lines)}abc`);
}

for (const value of [
  "9007199254740992",
  "9223372036854775808",
  "18446744073709551617",
  "1".repeat(400),
]) {
  refuses(
    "framing/length-over-2-53",
    `§6.3 refuses a Content-Length of ${value.slice(0, 20)}, ${value.length} digits`,
    post(`Content-Length: ${value}\r\n`),
  );
}

// --- §6.1 Transfer-Encoding

const codings: [what: string, line: string][] = [
  ["chunked", CHUNKED],
  ["CHUNKED", "TRANSFER-ENCODING: CHUNKED\r\n"],
  ["Chunked between blanks", "Transfer-Encoding: \t Chunked \t\r\n"],
  ["chunked without a space", "Transfer-Encoding:chunked\r\n"],
];
for (const [what, line] of codings) {
  accepts(
    "framing/chunked",
    `§6.1 has a body in chunks by ${what}`,
    post(line) + CHUNKS,
    { body: "abc", trailers: [] },
  );
}
for (const method of ["GET", "HEAD", "DELETE", "PURGE"]) {
  accepts(
    "framing/chunked",
    `§6.1 has a body in chunks of ${method}`,
    post(CHUNKED, "HTTP/1.1", method) + CHUNKS,
    { method, body: "abc" },
  );
}

const both: [what: string, lines: string][] = [
  ["the length first", LENGTH + CHUNKED],
  ["the length second", CHUNKED + LENGTH],
  ["a length of 0", `Content-Length: 0\r\n${CHUNKED}`],
  ["an empty length", `Content-Length:\r\n${CHUNKED}`],
  ["a length that is none", `Content-Length: x\r\n${CHUNKED}`],
  ["a length twice", LENGTH + CHUNKED + LENGTH],
  ["an empty coding", `${LENGTH}Transfer-Encoding:\r\n`],
  ["identity", `${LENGTH}Transfer-Encoding: identity\r\n`],
  ["an unknown coding", `${LENGTH}Transfer-Encoding: x, chunked\r\n`],
  ["other fields between", `${LENGTH}A: 1\r\nB: 2\r\n${CHUNKED}`],
];
for (const [what, lines] of both) {
  refuses(
    "framing/both-lengths",
    `§6.1 refuses both framings, with ${what}`,
    post(lines) + CHUNKS,
  );
}

const notChunked = [
  "gzip",
  "identity",
  "chunked, gzip",
  "xchunked",
  "chunkedx",
  "'chunked'",
];
for (const value of notChunked) {
  refuses(
    "framing/coding-not-chunked",
    `§6.3 refuses a Transfer-Encoding of ${value}`,
    post(`Transfer-Encoding: ${value}\r\n`) + CHUNKS,
  );
}
refuses(
  "framing/coding-not-chunked",
  "§6.3 refuses another coding in a line after chunked",
  post(`${CHUNKED}Transfer-Encoding: gzip\r\n`) + CHUNKS,
);

const badCodings = [
  "",
  " ",
  ",",
  ", ,",
  "chunked,,chunked",
  "chunked, chunked",
  "chunked, gzip, chunked",
  "chunked;a=b",
  "chunked;",
  "gzip;q=1, chunked",
  '"chunked"',
  "chun ked",
  "chunked chunked",
  "chunked\xa0",
  "\xa0chunked",
  "chunked\x85",
  "{chunked}",
  "chunked/1",
  "[chunked]",
];
for (const value of badCodings) {
  refuses(
    "framing/coding-syntax",
    `§6.1 refuses a Transfer-Encoding of ${JSON.stringify(value)}`,
    post(`Transfer-Encoding: ${value}\r\n`) + CHUNKS,
  );
}
refuses(
  "framing/coding-syntax",
  "§6.1 refuses chunked in two lines",
  post(CHUNKED + CHUNKED) + CHUNKS,
);
for (const value of [",chunked", "chunked,", ", ,\t chunked ,,"]) {
  accepts(
    "framing/coding-empty-elements",
    `§6.1 reads ${JSON.stringify(value)} as chunked`,
    post(`Transfer-Encoding: ${value}\r\n`) + CHUNKS,
    { body: "abc" },
  );
}
accepts(
  "framing/coding-empty-elements",
  "§6.1 reads an empty line before chunked over",
  post(`Transfer-Encoding:\r\n${CHUNKED}`) + CHUNKS,
  { body: "abc" },
);
refuses(
  "framing/coding-not-chunked",
  "§6.3 refuses another coding after chunked and an empty element",
  post("Transfer-Encoding: chunked,,gzip\r\n") + CHUNKS,
);

for (const [name, byte] of [
  ["VT", "\x0b"],
  ["FF", "\x0c"],
  ["NUL", "\x00"],
] as const) {
  for (const value of [`${byte}chunked`, `chunked${byte}`]) {
    refuses(
      "framing/coding-controls",
      `§6.1 refuses ${name} in ${JSON.stringify(value)}`,
      post(`Transfer-Encoding: ${value}\r\n`) + CHUNKS,
    );
  }
}

const unknown: [what: string, lines: string][] = [
  ["gzip", "Transfer-Encoding: gzip, chunked\r\n"],
  ["identity", "Transfer-Encoding: identity, chunked\r\n"],
  ["any token", "Transfer-Encoding: x!y,chunked\r\n"],
  ["a coding in a line before", `Transfer-Encoding: gzip\r\n${CHUNKED}`],
  ["several codings", "Transfer-Encoding: a, b, c, chunked\r\n"],
];
for (const [what, lines] of unknown) {
  refuses(
    "framing/unknown-coding",
    `§6.1 does not know ${what} before chunked`,
    post(lines) + CHUNKS,
  );
}

const http10: [what: string, lines: string][] = [
  ["chunked", CHUNKED],
  ["chunked with keep-alive", `Connection: keep-alive\r\n${CHUNKED}`],
  ["chunked with a length", LENGTH + CHUNKED],
  ["identity", "Transfer-Encoding: identity\r\n"],
];
for (const [what, lines] of http10) {
  refuses(
    "framing/coding-http10",
    `§6.1 refuses ${what} in 1.0`,
    post(lines, "HTTP/1.0") + CHUNKS,
  );
}
