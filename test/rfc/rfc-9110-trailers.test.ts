/** RFC 9110 §6.5: trailers of a response. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { App } from "../../src/worker/app/app.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { ok, stream, text } from "../../src/worker/http/response-helpers.ts";
import { compression } from "../../src/worker/middleware/compression/compression.ts";
import { deferred } from "../support/deferred.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /");
const SUM = ["X-Sum"];
const LONG = "abc".repeat(1_000);

async function* pieces() {
  yield "ab";
  yield "c";
}

rule(
  "responses/trailers",
  "RFC 9110 §6.5 follow a body in pieces, once it has been sent",
  async () => {
    const sum = deferred<string>();
    let calls = 0;
    const { client, observer } = connect(() => {
      return stream(pieces()).withTrailers(["X-Sum", "x-list"], async () => {
        calls++;
        return { "X-Sum": await sum.promise, "X-List": ["1", "2"] };
      });
    });
    client.receive(GET);
    await settled();
    assert.match(client.sent, /\r\nTrailer: X-Sum, x-list\r\n/);
    assert.match(client.sent, /\r\nTransfer-Encoding: chunked\r\n/);
    assert.match(client.sent, /\r\n2\r\nab\r\n1\r\nc\r\n$/);
    assert.equal(calls, 1);
    sum.resolve("7");
    await settled();
    assert.match(
      client.sent,
      /c\r\n0\r\nX-Sum: 7\r\nX-List: 1\r\nX-List: 2\r\n\r\n$/,
    );
    client.receive(GET);
    await settled();
    const responses = client.responses();
    assert.equal(responses.length, 2);
    assert.deepEqual(responses[1]?.trailers, responses[0]?.trailers);
    const one = ["request", "response 200"];
    assert.deepEqual(observer.events, [...one, ...one]);
  },
);

for (const body of ["wörld", Buffer.from("wörld"), ""]) {
  rule(
    "responses/trailers",
    `RFC 9110 §6.5 follow ${JSON.stringify(body)}, which goes in a chunk`,
    async () => {
      const { client, observer } = connect(() => {
        const response = new HttpResponse(body);
        return response.withTrailers(SUM, () => ({ "X-Sum": "7" }));
      });
      client.receive(GET + GET);
      await settled();
      const responses = client.responses();
      assert.equal(responses.length, 2);
      for (const { headers, trailers, body: sent } of responses) {
        assert.equal(headers["content-length"], undefined);
        assert.deepEqual(trailers, [["X-Sum", "7"]]);
        assert.equal(String(sent), String(body));
      }
      const [exchange] = observer.exchanges;
      assert.equal(exchange?.responseBodyBytes, Buffer.byteLength(body));
    },
  );
}

rule(
  "responses/trailers",
  "RFC 9110 §6.5 may turn out to be none",
  async () => {
    const { client } = connect(() => ok("a").withTrailers(SUM, () => ({})));
    client.receive(GET);
    await settled();
    assert.match(client.sent, /\r\n\r\n1\r\na\r\n0\r\n\r\n$/);
  },
);

const without: [what: string, make: () => HttpResponse, request: string][] = [
  ["to 1.0", () => stream(pieces()), "GET / HTTP/1.0\r\n\r\n"],
  ["to 1.0, of a text", () => text("a"), "GET / HTTP/1.0\r\n\r\n"],
  ["to HEAD", () => stream(pieces()), requestOf("HEAD /")],
  ["to HEAD, of a text", () => text("a"), requestOf("HEAD /")],
  ["with 204", () => new HttpResponse(null, { status: 204 }), GET],
  ["with 304", () => new HttpResponse(null, { status: 304 }), GET],
  ["with 205", () => new HttpResponse("a", { status: 205 }), GET],
  ["without a body", () => new HttpResponse(), GET],
  ["with a length", () => stream(pieces()).with("Content-Length", "3"), GET],
  ["with a text's length", () => text("a").with("Content-Length", "1"), GET],
];
for (const [what, make, request] of without) {
  rule(
    "responses/trailers",
    `RFC 9110 §6.5 are not there ${what}`,
    async () => {
      const { client, observer } = connect(() => {
        return make().withTrailers(SUM, () => assert.fail("called"));
      });
      client.receive(request);
      await settled();
      const [method = ""] = request.split(" ");
      const [response] = client.responses(method);
      assert.ok(response);
      assert.deepEqual(response.trailers, []);
      assert.equal(observer.events.length, 2);
    },
  );
}

rule(
  "responses/trailers",
  "RFC 9110 §9.3.2 frame a HEAD as a GET",
  async () => {
    const { client } = connect(() => {
      return text("a").withTrailers(SUM, () => ({ "X-Sum": "7" }));
    });
    client.receive(requestOf("HEAD /") + GET);
    await settled();
    const [head, get] = client.responses("HEAD", "GET");
    assert.deepEqual(head?.headers, get?.headers);
    assert.equal(head?.headers["transfer-encoding"], "chunked");
  },
);

rule(
  "responses/trailers",
  "RFC 9110 §6.5 stay with an answer that is compressed",
  async () => {
    const app = new App()
      .use(compression({ minBytes: 0 }))
      .get("/", () => text(LONG).withTrailers(SUM, () => ({ "X-Sum": "7" })))
      .prepare();
    const { client } = connect((request) => app.handle(request));
    client.receive(requestOf("GET /", ["Accept-Encoding: gzip"]));
    const until = Date.now() + 10_000;
    while (!client.sent.includes("X-Sum: 7") && Date.now() < until) {
      await settled();
    }
    const [response] = client.responses();
    assert.equal(String(gunzipSync(response?.body ?? "")), LONG);
    assert.deepEqual(response?.trailers, [["X-Sum", "7"]]);
  },
);

rule(
  "responses/trailer-names",
  "RFC 9110 §6.5.1 are none that frame, route, authenticate or control",
  () => {
    for (const name of [
      ...["Content-Length", "transfer-encoding", "Trailer", "TE", "Host"],
      ...["Set-Cookie", "Authorization", "WWW-Authenticate", "Content-Type"],
      ...["Content-Encoding", "Content-Range", "Cache-Control", "Expires"],
      ...["Date", "Location", "Vary", "Connection", "Upgrade", "If-Match"],
      ...["", "a b", "a:", "a\r\nB"],
    ]) {
      const make = () => ok("a").withTrailers([name], () => ({}));
      assert.throws(make, TypeError, name);
    }
    assert.throws(() => ok("a").withTrailers([], () => ({})), TypeError);
  },
);

const failing: [what: string, make: () => Record<string, string>][] = [
  [
    "that throw",
    () => {
      throw new Error("no sum");
    },
  ],
  ["that were not announced", () => ({ "X-Other": "1" })],
  ["that could be split", () => ({ "X-Sum": "1\r\nX: 2" })],
];
for (const [what, make] of failing) {
  rule("responses/trailer-failure", `§8 trailers ${what} cut it`, async () => {
    const { client, observer } = connect(() => {
      return ok("abc").withTrailers(SUM, make);
    });
    client.receive(GET + GET);
    await settled();
    assert.match(client.sent, /abc\r\n$/);
    assert.equal(client.ending, "reset");
    const [, failure] = observer.events;
    assert.match(failure ?? "", /^response error/);
  });
}

rule(
  "responses/trailers",
  "RFC 9110 §6.5 are not asked for where the client has left",
  async () => {
    const begin = deferred();
    const { client } = connect(() => {
      const body = (async function* () {
        yield "a";
        await begin.promise;
      })();
      return stream(body).withTrailers(SUM, () => assert.fail("called"));
    });
    client.receive(GET);
    await settled();
    client.leave();
    begin.resolve();
    await settled();
  },
);
