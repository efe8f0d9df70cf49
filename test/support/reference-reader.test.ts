import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMITS } from "../worker/http1/limits.ts";
import { readReference } from "./reference-reader.ts";

const GET = "GET / HTTP/1.1\r\nHost: h\r\n";
const POST = "POST / HTTP/1.1\r\nHost: h\r\n";
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

/** Targets with bodies, and the end of the stream. */
function shown(wire: string): string {
  const { requests, end } = readReference(wire, LIMITS);
  const found = requests.map(({ target, body }) => `${target} ${body}`.trim());
  const statuses = "statuses" in end ? [end.statuses.join(" or ")] : [];
  return [...found, end.type, ...statuses].join(", ");
}

describe("the reference reader", () => {
  const cases: [title: string, wire: string, expected: string][] = [
    ["finds nothing in nothing", "", "idle"],
    ["skips empty lines", `\r\n\r\n${GET}\r\n`, "/, idle"],
    ["refuses many empty lines", "\r\n".repeat(5), "refused, 400"],
    [
      "finds requests one after the other",
      `${GET}\r\n${GET}\r\n`,
      "/, /, idle",
    ],
    ["waits for the end of a line", "GET / HTT", "inHead"],
    ["waits for the end of a head", `${GET}A: b\r`, "inHead"],
    ["waits for a body", `${POST}Content-Length: 3\r\n\r\nab`, "inBody"],
    ["takes a body", `${POST}Content-Length: 2\r\n\r\nab\r\n`, "/ ab, idle"],
    [
      "takes chunks",
      `${CHUNKED}2;a="\\""\r\nab\r\n0\r\nX: y\r\n\r\n`,
      "/ ab, idle",
    ],
    ["waits for a chunk", `${CHUNKED}2;a\r\nab\r`, "inBody"],
    ["refuses a bare LF", "GET / HTTP/1.1\nHost: h\n\n", "refused, 400"],
    ["refuses a blank before a colon", `${GET}A : b`, "refused, 400"],
    [
      "refuses both lengths",
      `${CHUNKED.slice(0, -2)}Content-Length: 1\r\n\r\n`,
      "refused, 400",
    ],
    ["refuses a wrong chunk end", `${CHUNKED}1\r\nabc`, "refused, 400"],
    ["refuses a blank after a size", `${CHUNKED}1 \r`, "refused, 400"],
    [
      "refuses an unknown coding",
      `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n`,
      "refused, 501",
    ],
    ["refuses another major version", "GET / HTTP/2.0\r\n", "refused, 505"],
    [
      "refuses a body over the limit",
      `${POST}Content-Length: 99999999\r\n\r\n`,
      "refused, 413",
    ],
    [
      "refuses a head over the limit",
      `${GET}A: ${"b".repeat(16_384)}`,
      "refused, 431",
    ],
    ["refuses a long line", `GET /${"a".repeat(8_192)}`, "refused, 414"],
    [
      "refuses two faults with either status",
      `GET * HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n`,
      "refused, 400 or 417",
    ],
    [
      "stops at the last request",
      `${GET}Connection: close\r\n\r\n${GET}`,
      "/, closes",
    ],
    [
      "resolves an absolute target",
      "GET http://a?b HTTP/1.1\r\nHost: h\r\n\r\n",
      "/?b, idle",
    ],
  ];
  for (const [title, wire, expected] of cases) {
    test(title, () => assert.equal(shown(wire), expected));
  }

  test("replaces Host by an absolute target's", () => {
    const wire = "GET http://a/ HTTP/1.1\r\nHost: h\r\n\r\n";
    const [request] = readReference(wire, LIMITS).requests;
    assert.deepEqual(request?.fields, [["host", "a"]]);
  });

  test("takes blanks off values, and nothing else", () => {
    const wire = `${GET}A:\t\xa0b\xa0 \r\n\r\n`;
    const [request] = readReference(wire, LIMITS).requests;
    assert.deepEqual(request?.fields.at(-1), ["a", "\xa0b\xa0"]);
  });
});
