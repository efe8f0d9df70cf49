/** RFC 9112 §8: what ends before its end. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import { deferred } from "../support/deferred.ts";
import { connect as connectTo } from "../support/server-address.ts";
import { serveHttp } from "../worker/http1/served-http1.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { chunked } from "./chunked-body.ts";
import { eachDelivery } from "./each-delivery.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /");

function postOf(bytes: number, fields: readonly string[] = []): string {
  return requestOf("POST /", [...fields, `Content-Length: ${bytes}`]);
}

// --- requests

const bodies: [what: string, wire: string][] = [
  ["a body of a known length", `${postOf(10)}12345`],
  ["a body that lacks a byte", `${postOf(5)}1234`],
  ["a body that has not begun", postOf(10)],
  ["a body held back for a 100", postOf(5, ["Expect: 100-continue"])],
  ["a chunk's size", chunked("1")],
  ["a chunk's extension", chunked("1;a")],
  ["a chunk's data", chunked("3\r\nab")],
  ["chunks", chunked("3\r\nabc\r\n")],
  ["the last chunk", chunked("3\r\nabc\r\n0\r\n")],
  ["trailers", chunked("0\r\nA: 1\r\n")],
  ["the last CRLF", chunked("0\r\n\r")],
];
for (const [what, wire] of bodies) {
  rule("framing/incomplete-body", `§8 never has ${what} as whole`, () => {
    return eachDelivery(wire, { trailing: "" }, async ({ pieces }) => {
      let failure: unknown;
      let signal: AbortSignal | undefined;
      const { client, observer } = connect(async (request) => {
        signal = request.signal;
        failure = await request.text().catch((error) => error);
        return text("whole");
      });
      for (const piece of pieces) client.receive(piece);
      client.receiveEnd();
      await settled();
      assert.ok(!client.sent.includes("200"));
      assert.equal(client.ending, "fin");
      assert.match(String(failure), /RequestAborted/);
      assert.equal(signal?.aborted, true);
      assert.deepEqual(observer.events, ["request", "abort /"]);
    });
  });
}

rule(
  "framing/incomplete-body",
  "§8 never has a body as whole that a reset ended",
  async () => {
    let failure: unknown;
    const { client, observer } = connect(async (request) => {
      failure = await request.text().catch((error) => error);
      return text("whole");
    });
    client.receive(`${postOf(10)}12345`);
    client.leave(new Error("read ECONNRESET"));
    await settled();
    assert.match(String(failure), /RequestAborted.*ECONNRESET/);
    assert.equal(client.sent, "");
    assert.deepEqual(observer.events, ["request", "abort /"]);
  },
);

for (const [what, sent] of [
  ["nothing", ""],
  ["an empty line", "\r\n"],
  ["half a line", "GET / HT"],
  ["half a head", GET.slice(0, -4)],
  ["a head without its last byte", GET.slice(0, -1)],
] as const) {
  rule("connection/half-close-early", `§8 says nothing to ${what}`, () => {
    return eachDelivery(sent, { trailing: "" }, async ({ pieces }) => {
      const { client, observer } = connect(() => text("x"));
      for (const piece of pieces) client.receive(piece);
      client.receiveEnd();
      assert.equal(client.sent, "");
      assert.equal(client.ending, "fin");
      assert.deepEqual(observer.events, []);
    });
  });
}

// --- responses

rule(
  "responses/stream-failure",
  "§8 ends the connection where a stream fails, whatever is pipelined",
  async () => {
    async function* failing() {
      yield "half";
      throw new Error("disk gone");
    }
    for (const request of [GET, "GET / HTTP/1.0\r\n\r\n"]) {
      const { client, observer } = connect(() => new HttpResponse(failing()));
      client.receive(request + GET);
      await settled();
      assert.equal(client.ending, "reset");
      assert.ok(client.sent.includes("half"));
      assert.ok(!client.sent.includes("0\r\n\r\n"));
      assert.deepEqual(observer.events, [
        "request",
        "response error: disk gone",
        "abort /",
      ]);
    }
  },
);
rule(
  "responses/stream-failure",
  "§8 ends the connection where a piece is neither text nor bytes",
  async () => {
    async function* wrong() {
      yield 42 as unknown as string;
    }
    const { client, observer } = connect(() => new HttpResponse(wrong()));
    client.receive(GET);
    await settled();
    assert.equal(client.ending, "reset");
    assert.match(observer.events[1] ?? "", /text or bytes, not number/);
  },
);
for (const version of ["1.0", "1.1"]) {
  rule(
    "responses/stream-failure",
    `§8 shows by a reset that a stream failed: ${version}`,
    async () => {
      const half = deferred();
      async function* failing() {
        yield "half";
        await half.promise;
        throw new Error("disk gone");
      }
      const { address } = await serveHttp(() => new HttpResponse(failing()));
      const client = connectTo(address);
      client.write(`GET / HTTP/${version}\r\nHost: h\r\n\r\n`);
      let received = "";
      client.on("data", (chunk) => {
        received += chunk;
        if (received.includes("half")) half.resolve();
      });
      await assert.rejects(once(client, "end"), { code: "ECONNRESET" });
    },
  );
}
