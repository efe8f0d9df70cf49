/** RFC 9110 §10.1.1: `Expect: 100-continue`. */
import assert from "node:assert/strict";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import { deferred } from "../support/deferred.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { accepts } from "./accepts.ts";
import { END } from "./chunked-body.ts";
import { refuses } from "./refuses.ts";
import { rule } from "./rule.ts";

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const GET = requestOf("GET /next");
const echo = async (request: HttpRequest) => text(await request.text());

function expecting(value = "100-continue", length = 5): string {
  const fields = [`Expect: ${value}`, `Content-Length: ${length}`];
  return requestOf("POST /", fields);
}

rule(
  "connection/expect-continue",
  "RFC 9110 §10.1.1 says 100 when the handler reads, not before",
  async () => {
    const begin = deferred();
    const { client } = connect(async (request) => {
      await begin.promise;
      return echo(request);
    });
    client.receive(expecting());
    await settled();
    assert.equal(client.sent, "");
    begin.resolve();
    await settled();
    assert.equal(client.sent, CONTINUE);
    client.receive("hello");
    await settled();
    const [response] = client.responses();
    assert.deepEqual(response?.interim, [100]);
    assert.equal(response?.body.toString(), "hello");
    assert.equal(client.ending, undefined);
  },
);
for (const value of ["100-continue", "100-Continue", "\t100-CONTINUE "]) {
  rule(
    "connection/expect-continue",
    `RFC 9110 §10.1.1 says 100 once to ${JSON.stringify(value)}`,
    async () => {
      const { client } = connect(echo);
      client.receive(expecting(value));
      assert.equal(client.sent, CONTINUE);
      for (const byte of "hello") {
        client.receive(byte);
        await settled();
      }
      const [response] = client.responses();
      assert.deepEqual(response?.interim, [100]);
      assert.equal(response?.body.toString(), "hello");
    },
  );
}
rule(
  "connection/expect-continue",
  "RFC 9110 §10.1.1 says 100 before a body in chunks too",
  async () => {
    const { client } = connect(echo);
    const fields = ["Transfer-Encoding: chunked", "Expect: 100-continue"];
    client.receive(requestOf("POST /", fields));
    assert.equal(client.sent, CONTINUE);
    client.receive(`5\r\nhello\r\n${END}`);
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "hello");
  },
);
rule(
  "connection/expect-continue",
  "RFC 9110 §10.1.1 says 100 after the answers before it",
  async () => {
    const { client } = connect(echo);
    client.receive(GET + expecting());
    await settled();
    assert.match(client.sent, /^HTTP\/1\.1 200 OK.*100 Continue\r\n\r\n$/s);
  },
);

rule(
  "connection/expect-no-need",
  "RFC 9110 §10.1.1 says no 100 with an early answer, and closes",
  () => {
    for (const status of [200, 403]) {
      const { client } = connect(() => text("early", status));
      client.receive(expecting());
      const [response] = client.responses();
      assert.equal(response?.status, status);
      assert.deepEqual(response?.interim, []);
      assert.equal(response?.closes, true);
      assert.equal(client.ending, "fin");
    }
  },
);
rule(
  "connection/expect-no-need",
  "RFC 9110 §10.1.1 says no 100 once the body comes",
  async () => {
    const { client } = connect(echo);
    client.receive(`${expecting()}he`);
    await settled();
    assert.equal(client.sent, "");
    client.receive("llo");
    await settled();
    assert.deepEqual(client.responses()[0]?.interim, []);
  },
);
rule(
  "connection/expect-no-need",
  "RFC 9110 §10.1.1 says no 100 where there is no body",
  async () => {
    const { client } = connect(echo);
    client.receive(requestOf("POST /", ["Expect: 100-continue"]));
    client.receive(expecting("100-continue", 0) + GET);
    await settled();
    const responses = client.responses();
    assert.equal(responses.length, 3);
    for (const { interim } of responses) assert.deepEqual(interim, []);
  },
);
rule(
  "connection/expect-no-need",
  "RFC 9110 §10.1.1 says no 100 for the body of another request",
  async () => {
    const later = deferred();
    const { client } = connect((request) => {
      if (request.target === "/") return deferred<HttpResponse>().promise;
      const reader = request.body[Symbol.asyncIterator]();
      later.promise.then(() => reader.return?.());
      return text("early");
    });
    const first = requestOf("POST /first", ["Content-Length: 10"]);
    client.receive(`${first}12345`);
    client.receive(`67890${expecting()}`);
    const before = client.sent;
    later.resolve();
    await settled();
    assert.equal(client.sent, before);
  },
);

for (const value of ["100-continue", "tea", ""]) {
  accepts(
    "connection/expect-http10",
    `RFC 9110 §10.1.1 ignores an Expect of ${JSON.stringify(value)} in 1.0`,
    `POST / HTTP/1.0\r\nExpect: ${value}\r\nContent-Length: 2\r\n\r\nok`,
    { body: "ok" },
    { closes: true },
  );
}
rule(
  "connection/expect-http10",
  "RFC 9110 §10.1.1 says no 100 to 1.0",
  async () => {
    const { client } = connect(echo);
    client.receive(
      "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    );
    await settled();
    assert.equal(client.sent, "");
  },
);

const lists = [
  "100-continue, 100-continue",
  ", 100-continue,",
  "100-Continue,, 100-continue\t,",
  "100-continue\r\nExpect: 100-CONTINUE",
  "\r\nExpect: 100-continue",
];
for (const value of lists) {
  rule(
    "connection/expect-continue",
    `RFC 9110 §5.6.1 finds 100-continue once in ${JSON.stringify(value)}`,
    async () => {
      const { client } = connect(echo);
      client.receive(expecting(value));
      assert.equal(client.sent, CONTINUE);
      client.receive("hello");
      await settled();
      assert.equal(client.responses()[0]?.body.toString(), "hello");
    },
  );
}
for (const value of ["", " ", ",", "\r\nExpect: ,"]) {
  rule(
    "connection/expect-empty",
    `RFC 9110 §5.6.1 finds nothing expected in ${JSON.stringify(value)}`,
    async () => {
      const { client } = connect(echo);
      client.receive(expecting(value));
      await settled();
      assert.equal(client.sent, "");
      client.receive("hello");
      await settled();
      assert.equal(client.responses()[0]?.body.toString(), "hello");
    },
  );
}

const others = [
  "tea",
  "200-ok",
  "100",
  "100-continue, x",
  "x, 100-continue",
  "100-continue;q=1",
  '"100-continue"',
  "100-continue\xa0",
  "100-continue,, x",
  "\xa0",
];
for (const value of others) {
  refuses(
    "connection/expect-unknown",
    `RFC 9110 §15.5.18 meets no expectation of ${JSON.stringify(value)}`,
    expecting(value),
  );
}
refuses(
  "connection/expect-unknown",
  "RFC 9110 §15.5.18 meets no expectation in two lines",
  requestOf("GET /", ["Expect: 100-continue", "Expect: x"]),
);
rule(
  "framing/incomplete-body",
  "RFC 9110 §10.1.1 never has as whole what a 100 was said for",
  async () => {
    let failure: unknown;
    const { client, observer } = connect(async (request) => {
      failure = await request.text().catch((error) => error);
      return new HttpResponse();
    });
    client.receive(expecting());
    client.receiveEnd();
    await settled();
    assert.match(String(failure), /RequestAborted/);
    assert.equal(client.sent, CONTINUE);
    assert.deepEqual(observer.events, ["request", "abort /"]);
  },
);
