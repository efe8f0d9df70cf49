/** RFC 9112 §6 and RFC 9110 §15.5.14: how large a body may be. */
import assert from "node:assert/strict";
import { text } from "../../src/worker/http/response-helpers.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { accepts } from "./accepts.ts";
import { chunked } from "./chunked-body.ts";
import { refuses } from "./refuses.ts";
import { rule } from "./rule.ts";

function postOf(bytes: number): string {
  return requestOf("POST /", [`Content-Length: ${bytes}`]);
}

const limits = { maxBodyBytes: 5 };
accepts(
  "framing/body-limit",
  "RFC 9110 §15.5.14 takes a length of exactly the limit",
  `${postOf(5)}hello`,
  { body: "hello" },
  { limits },
);
accepts(
  "framing/body-limit",
  "RFC 9110 §15.5.14 takes chunks of exactly the limit",
  chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
  { body: "abcde" },
  { limits },
);
accepts(
  "framing/body-limit",
  "RFC 9110 §15.5.14 takes an empty body where none other is allowed",
  chunked("0\r\n\r\n"),
  { body: "" },
  { limits: { maxBodyBytes: 0 } },
);

const tooLarge: [what: string, wire: string][] = [
  ["a length over the limit", postOf(6)],
  ["the largest length", postOf(Number.MAX_SAFE_INTEGER)],
  ["chunks over the limit", chunked("3\r\nabc\r\n3\r\n")],
  ["a chunk over the limit", chunked("6\r\n")],
  ["the largest chunk", chunked("1fffffffffffff\r\n")],
];
for (const [what, wire] of tooLarge) {
  refuses("framing/body-too-large", `RFC 9110 §15.5.14 refuses ${what}`, wire, {
    limits,
    isInBody: true,
  });
}
refuses(
  "framing/body-too-large",
  "RFC 9110 §15.5.14 refuses a length over the limit in 1.0",
  "POST / HTTP/1.0\r\nContent-Length: 6\r\n\r\n",
  { limits, isInBody: true },
);

rule(
  "framing/body-too-large",
  "RFC 9110 §15.5.14 says 413 instead of 100, and asks no handler",
  () => {
    const never = () => assert.fail("a handler");
    const { client } = connect(never, limits);
    const fields = ["Expect: 100-continue", "Content-Length: 6"];
    client.receive(requestOf("POST /", fields));
    const [response] = client.responses();
    assert.equal(response?.status, 413);
    assert.deepEqual(response?.interim, []);
  },
);
rule(
  "framing/body-too-large",
  "RFC 9110 §15.5.14 says 413 to a handler that reads chunks",
  async () => {
    let failure: unknown;
    const { client } = connect(async (request) => {
      failure = await request.text().catch((error) => error);
      return text("whole");
    }, limits);
    client.receive(chunked("5\r\nhello\r\n"));
    client.receive("1\r\n");
    await settled();
    assert.match(String(failure), /HttpError: a body over 5 bytes/);
    assert.deepEqual(
      client.responses().map(({ status }) => status),
      [413],
    );
  },
);
