/** RFC 9112 §7.1.2: trailers. */
import assert from "node:assert/strict";
import { text } from "../../src/worker/http/response-helpers.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { accepts } from "./accepts.ts";
import { chunked, END } from "./chunked-body.ts";
import { refuses } from "./refuses.ts";
import { rule } from "./rule.ts";

const FIELDS = ["Host: h", "Transfer-Encoding: chunked"];
const withTrailers = (lines: string) => chunked(`1\r\nx\r\n0\r\n${lines}\r\n`);

function keeps(title: string, lines: string, trailers: string[]): void {
  accepts("framing/trailers", title, withTrailers(lines), {
    body: "x",
    trailers,
    fields: FIELDS,
  });
}

keeps(
  "§7.1.2 keeps trailers in order, apart from the fields",
  "B: 1 \r\nA: \r\nb: 2\r\n",
  ["B: 1", "A: ", "b: 2"],
);
keeps("§7.1.2 may have none", "", []);
keeps("§7.1.2 has __proto__ as an ordinary name", "__proto__: a\r\n", [
  "__proto__: a",
]);
keeps("RFC 9110 §6.5.1 frames nothing by a trailer", "Content-Length: 99\r\n", [
  "Content-Length: 99",
]);
keeps(
  "RFC 9110 §6.5.1 codes nothing by a trailer",
  "Transfer-Encoding: gzip\r\n",
  ["Transfer-Encoding: gzip"],
);
keeps(
  "RFC 9110 §6.5.1 routes and closes nothing by a trailer",
  "Host: evil\r\nConnection: close\r\nExpect: tea\r\nUpgrade: x\r\n",
  ["Host: evil", "Connection: close", "Expect: tea", "Upgrade: x"],
);

rule(
  "framing/trailers",
  "§7.1.2 has no trailer before the body is whole",
  async () => {
    const { client } = connect(async (request) => {
      const before = request.body.trailers;
      await request.text();
      const after = request.body.trailers?.get("a");
      return text(`${before} ${after} ${request.headers.has("a")}`);
    });
    client.receive(chunked("1\r\nx\r\n"));
    await settled();
    client.receive("0\r\nA: 1\r\n\r\n");
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "undefined 1 false");
  },
);
rule(
  "framing/trailers",
  "§7.1.2 has no trailers of the request before",
  async () => {
    const { client } = connect(async (request) => {
      await request.text();
      return text(`${request.body.trailers?.get("a")}`);
    });
    client.receive(chunked("0\r\nA: 1\r\n\r\n"));
    await settled();
    client.receive(chunked(END) + requestOf("GET /"));
    await settled();
    assert.deepEqual(
      client.responses().map(({ body }) => body.toString()),
      ["1", "undefined", "undefined"],
    );
  },
);

const invalid: [what: string, lines: string][] = [
  ["a space before the colon", "A : 1\r\n"],
  ["a TAB before the colon", "A\t: 1\r\n"],
  ["a folded trailer", "A: 1\r\n 2\r\n"],
  ["a space before the first trailer", " A: 1\r\n"],
  ["a trailer without a colon", "A\r\n"],
  ["a trailer without a name", ": 1\r\n"],
  ["a name that is not a token", "A(B): 1\r\n"],
  ["a name in obs-text", "\xe9: 1\r\n"],
  ["a request for a trailer", "GET / HTTP/1.1\r\n"],
  ["a chunk behind the last one", "1\r\nx\r\n"],
  ["a NUL in a trailer", "A: \x00\r\n"],
  ["a control character in a trailer", "A: \x0b\r\n"],
  ["DEL in a trailer", "A: \x7f\r\n"],
  ["a LF after a trailer", "A: 1\nB: 2\r\n"],
  ["a CR after a trailer", "A: 1\rB: 2\r\n"],
  ["CR CR LF after a trailer", "A: 1\r\r\n"],
  ["a LF for the end", "\n"],
  ["a LF for the end of trailers", "A: 1\r\n\n"],
  ["a CR for the end", "\rx"],
  ["a CR for the end of trailers", "A: 1\r\n\rx"],
];
for (const [what, lines] of invalid) {
  const wire = withTrailers(lines);
  const options = { isInBody: true };
  refuses("framing/trailer-syntax", `§7.1.2 refuses ${what}`, wire, options);
}

// --- their size

const limits = { maxHeadBytes: 64, maxFields: 3 };
/** Trailers of so many bytes, their empty line included. */
const sized = (bytes: number) => `A: ${"a".repeat(bytes - 7)}\r\n`;

accepts(
  "framing/trailers",
  "RFC 6585 §5 takes trailers of exactly the limit of a head",
  withTrailers(sized(64)),
  { body: "x" },
  { limits },
);
accepts(
  "framing/trailers",
  "RFC 6585 §5 takes as many trailers as fields",
  withTrailers("A: 1\r\n".repeat(3)),
  { trailers: ["A: 1", "A: 1", "A: 1"] },
  { limits },
);
const tooMuch: [what: string, wire: string][] = [
  ["trailers of a byte more", withTrailers(sized(65))],
  ["trailers of a byte more before their end", chunked(`0\r\n${sized(66)}`)],
  ["an endless trailer", chunked(`0\r\nA: ${"a".repeat(61)}`)],
  ["one trailer more", withTrailers("A: 1\r\n".repeat(4))],
];
for (const [what, wire] of tooMuch) {
  const options = { limits, isInBody: true };
  refuses(
    "framing/trailers-size",
    `RFC 6585 §5 refuses ${what}`,
    wire,
    options,
  );
}
refuses(
  "framing/trailers-size",
  "RFC 6585 §5 refuses trailers over 16 KiB",
  withTrailers(`A: ${"a".repeat(1_000)}\r\n`.repeat(17)),
  { isInBody: true, randomSplits: 1 },
);
