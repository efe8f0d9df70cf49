/** RFC 9110 §9: methods, and what answers them without a route. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { App } from "../../src/worker/app/app.ts";
import { HttpRequest } from "../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { ok, text } from "../../src/worker/http/response-helpers.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { refuses } from "./refuses.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /");
const HEAD = requestOf("HEAD /");

const app = new App()
  .get("/users/:id", ({ method }) => text(method))
  .put("/users/:id", () => ok())
  .route("PURGE", "/cache", () => ok())
  .options("/own", () => text("own"))
  .prepare();

/** What the app answers, on a connection. */
async function answersTo(...lines: string[]) {
  const { client } = connect((request) => app.handle(request));
  client.receive(lines.map((line) => requestOf(line)).join(""));
  await settled();
  const methods = lines.map((line) => line.split(" ")[0] as string);
  const responses = client.responses(...methods);
  assert.equal(responses.length, lines.length);
  for (const { closes } of responses) assert.equal(closes, false);
  return responses;
}

// --- unknown and other methods

rule(
  "request-line/unknown-method",
  "RFC 9110 §9.1 answers 501 to a method that nobody knows",
  async () => {
    const lines = ["BREW /users/7", "get /users/7", "PURGES /cache"];
    for (const { status } of await answersTo(...lines, "PROPFIND /none")) {
      assert.equal(status, 501);
    }
  },
);
rule(
  "responses/method-not-allowed",
  "RFC 9110 §15.5.6 answers 405 with Allow where another method is right",
  async () => {
    const lines = ["POST /users/7", "TRACE /users/7", "PURGE /users/7"];
    for (const { status, headers } of await answersTo(...lines)) {
      assert.equal(status, 405);
      assert.equal(headers.allow, "GET, HEAD, PUT, OPTIONS");
    }
  },
);
rule(
  "responses/method-not-allowed",
  "RFC 9110 §10.2.1 allows HEAD only where there is GET",
  async () => {
    const [response] = await answersTo("GET /cache");
    assert.equal(response?.headers.allow, "PURGE, OPTIONS");
  },
);

// --- OPTIONS

rule(
  "responses/options",
  "RFC 9110 §9.3.7 answers OPTIONS with a path's methods",
  async () => {
    const lines = ["OPTIONS /users/7", "OPTIONS /cache", "OPTIONS /own"];
    const [users, cache, own] = await answersTo(...lines);
    assert.equal(users?.status, 204);
    assert.equal(users?.headers.allow, "GET, HEAD, PUT, OPTIONS");
    assert.equal(cache?.headers.allow, "PURGE, OPTIONS");
    assert.equal(own?.body.toString(), "own");
  },
);
rule(
  "responses/options",
  "RFC 9110 §9.3.7 answers 404 to OPTIONS of a path that is none",
  async () => {
    const [response] = await answersTo("OPTIONS /none");
    assert.equal(response?.status, 404);
  },
);
rule(
  "request-line/asterisk",
  "RFC 9110 §9.3.7 answers OPTIONS * with all methods",
  async () => {
    const [response] = await answersTo("OPTIONS *", "OPTIONS http://h");
    assert.equal(response?.status, 204);
    assert.equal(response?.headers.allow, "GET, HEAD, PUT, PURGE, OPTIONS");
    assert.equal(response?.headers["content-length"], undefined);
  },
);

// --- HEAD

rule(
  "responses/head-route",
  "RFC 9110 §9.3.2 answers HEAD by the route of GET",
  async () => {
    const [head, get] = await answersTo("HEAD /users/7", "GET /users/7");
    assert.equal(head?.status, 200);
    assert.equal(head?.headers["content-length"], "4");
    assert.equal(get?.body.toString(), "GET");
  },
);
rule(
  "responses/head",
  "RFC 9110 §9.3.2 has the fields of GET, and no content",
  () => {
    const { client } = connect(() => text("h\xe9"));
    client.receive(GET + HEAD + GET);
    const [get, head, next] = client.responses("GET", "HEAD", "GET");
    assert.equal(head?.body.length, 0);
    assert.deepEqual(head?.headers, get?.headers);
    assert.equal(head?.headers["content-length"], "3");
    assert.equal(next?.body.toString(), "h\xe9");
  },
);
rule(
  "responses/head",
  "RFC 9110 §9.3.2 has the fields of a stream, which is ended unread",
  async () => {
    const readable = new Readable({ read() {} });
    const { client } = connect(() => new HttpResponse(readable));
    client.receive(HEAD + HEAD);
    await settled();
    const [head, next] = client.responses("HEAD", "HEAD");
    assert.equal(head?.headers["transfer-encoding"], "chunked");
    assert.equal(head?.headers["content-length"], undefined);
    assert.equal(next?.status, 200);
    assert.equal(readable.destroyed, true);
  },
);
rule(
  "responses/head",
  "RFC 9110 §8.6 lets the handler declare what GET would have",
  () => {
    const headers = { "Content-Length": "42" };
    const { client } = connect(() => new HttpResponse(null, { headers }));
    client.receive(HEAD + HEAD);
    const [head, next] = client.responses("HEAD", "HEAD");
    assert.equal(head?.headers["content-length"], "42");
    assert.equal(next?.status, 200);
  },
);
rule(
  "responses/head",
  "RFC 9110 §9.3.2 has no content of a 404, 405 or 501 either",
  async () => {
    const lines = ["HEAD /none", "HEAD /cache"];
    const [none, cache] = await answersTo(...lines);
    assert.deepEqual([none?.status, cache?.status], [404, 405]);
    assert.ok(Number(none?.headers["content-length"]) > 0);
  },
);

const refused: [
  what: string,
  id: Parameters<typeof refuses>[0],
  wire: string,
][] = [
  ["without Host", "fields/host-missing", "HEAD / HTTP/1.1\r\n\r\n"],
  [
    "with two lengths",
    "framing/length-twice",
    requestOf("HEAD /", ["Content-Length: 1", "Content-Length: 1"]),
  ],
  [
    "of another version",
    "request-line/major-version",
    "HEAD / HTTP/2.0\r\n\r\n",
  ],
  [
    "behind empty lines",
    "fields/folding",
    "\r\n\r\nHEAD / HTTP/1.1\r\nA: 1\r\n 2\r\n\r\n",
  ],
  [
    "with an unknown expectation",
    "connection/expect-unknown",
    requestOf("HEAD /", ["Expect: tea"]),
  ],
];
for (const [what, id, wire] of refused) {
  refuses(id, `RFC 9110 §9.3.2 has no content for a HEAD ${what}`, wire);
}
rule(
  "responses/head-refused",
  "RFC 9110 §9.3.2 has no content in the refusal of a HEAD",
  () => {
    const slow = connect(() => text("x"));
    slow.client.receive("HEAD / HTTP/1.1\r\n");
    slow.client.advance(10_000);
    const large = connect(() => text("x"));
    large.client.receive(requestOf("HEAD /", ["Content-Length: 9999999"]));
    const bad = connect(() => text("x"));
    bad.client.receive(`${GET}HEAD / HTTP/1.1\r\n\r\n`);
    for (const [{ client }, status, methods] of [
      [slow, 408, ["HEAD"]],
      [large, 413, ["HEAD"]],
      [bad, 400, ["GET", "HEAD"]],
    ] as const) {
      const response = client.responses(...methods).at(-1);
      assert.equal(response?.status, status);
      assert.ok(Number(response?.headers["content-length"]) > 0);
      assert.ok(client.sent.endsWith("\r\n\r\n"));
      assert.equal(client.ending, "fin");
    }
  },
);
rule(
  "responses/head-refused",
  "RFC 9110 §9.3.2 has content where the method is only like HEAD",
  () => {
    for (const line of ["HEADS / HTTP/1.1", "head / HTTP/1.1", "HEAD"]) {
      const { client } = connect(() => text("x"));
      client.receive(`${line}\r\n\r\n`);
      const [response] = client.responses("GET");
      assert.equal(response?.status, 400);
      assert.ok((response?.body.length ?? 0) > 0);
    }
  },
);

// --- statuses without content

for (const [status, length] of [
  [204, undefined],
  [205, "0"],
  [304, undefined],
] as const) {
  for (const [what, make] of [
    ["a text", () => "ignored"],
    ["a stream", () => new Readable({ read() {} })],
  ] as const) {
    rule(
      "responses/no-content",
      `RFC 9110 §15 sends no content of ${what} with ${status}`,
      async () => {
        const { client } = connect(() => new HttpResponse(make(), { status }));
        client.receive(GET + GET);
        await settled();
        const [first, second] = client.responses();
        assert.equal(first?.status, status);
        assert.equal(first?.body.length, 0);
        assert.equal(first?.headers["content-length"], length);
        assert.equal(first?.headers["transfer-encoding"], undefined);
        assert.equal(second?.status, status);
      },
    );
  }
}
rule(
  "responses/no-content",
  "RFC 9110 §8.6 sends no length with 204, and a declared one with 304",
  () => {
    for (const [status, length] of [
      [204, undefined],
      [304, "42"],
    ] as const) {
      const headers = { "Content-Length": "42" };
      const make = () => new HttpResponse(null, { status, headers });
      const { client } = connect(make);
      client.receive(GET + GET);
      const responses = client.responses();
      assert.equal(responses.length, 2);
      assert.equal(responses[0]?.headers["content-length"], length);
    }
  },
);
rule(
  "responses/interim",
  "RFC 9110 §15.2 has no handler answer with 1xx",
  async () => {
    for (const status of [100, 101, 103, 199]) {
      assert.throws(() => new HttpResponse(null, { status }), RangeError);
    }
  },
);
rule(
  "responses/interim",
  "RFC 9110 §8.6 has no field in a 100 that frames",
  async () => {
    const { client } = connect(async (request) => text(await request.text()));
    const fields = ["Expect: 100-continue", "Content-Length: 2"];
    client.receive(requestOf("POST /", fields));
    assert.equal(client.sent, "HTTP/1.1 100 Continue\r\n\r\n");
  },
);
rule(
  "responses/interim",
  "RFC 9110 §15.2 has no interim answer that could be split, or is framed",
  () => {
    const request = new HttpRequest();
    for (const status of [99, 101, 200, 103.5, Number.NaN]) {
      assert.throws(() => request.sendInterim(status), RangeError);
    }
    for (const name of ["Content-Length", "transfer-encoding", "Connection"]) {
      assert.throws(() => request.sendInterim(103, { [name]: "1" }), TypeError);
    }
    for (const value of ["a\r\nB: 1", "a\n", "\0", "\u0100"]) {
      assert.throws(() => request.sendInterim(103, { A: value }), TypeError);
      assert.throws(() => request.sendInterim(103, { [value]: "" }), TypeError);
    }
  },
);
