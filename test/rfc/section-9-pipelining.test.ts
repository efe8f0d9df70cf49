/** RFC 9112 §9.3.2: requests that do not wait for answers. */
import assert from "node:assert/strict";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import { type Deferred, deferred } from "../support/deferred.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { eachDelivery } from "./each-delivery.ts";
import { rule } from "./rule.ts";

const BAD = "GET /bad HTTP/1.1\r\n\r\n";
const get = (target: string) => requestOf(`GET ${target}`);
const echoTarget = (request: HttpRequest) => text(request.target);

function bodiesOf(responses: readonly { body: Buffer }[]): string[] {
  return responses.map(({ body }) => body.toString());
}

function statusesOf(responses: readonly { status: number }[]): number[] {
  return responses.map(({ status }) => status);
}

/** Answers when it is told to. */
function waitingHandler() {
  const waiting: Deferred<HttpResponse>[] = [];
  const targets: string[] = [];
  const handler = (request: HttpRequest) => {
    const answer = deferred<HttpResponse>();
    waiting.push(answer);
    targets.push(request.target);
    return answer.promise;
  };
  const answer = async (index: number) => {
    waiting[index]?.resolve(text(`${targets[index]}`));
    await settled();
  };
  return { handler, targets, answer };
}

rule("connection/pipelining", "§9.3.2 answers in order, in one write", () => {
  const { client } = connect(echoTarget);
  client.receive(get("/1") + get("/2") + get("/3"));
  assert.deepEqual(bodiesOf(client.responses()), ["/1", "/2", "/3"]);
  assert.equal(client.writes.length, 1);
  assert.equal(client.ending, undefined);
});

rule("connection/pipelining", "§9.3.2 answers whatever the cuts", () => {
  const echo = async (request: HttpRequest) => {
    return text(`${request.target} ${await request.text()}`);
  };
  const wire =
    get("/1") +
    requestOf("POST /2", [], "body") +
    requestOf("PUT /3", ["Transfer-Encoding: chunked"]) +
    "4\r\nbody\r\n0\r\nA: 1\r\n\r\n\r\n" +
    get("/4");
  const options = { trailing: "", randomSplits: 50 };
  return eachDelivery(wire, options, async ({ pieces }) => {
    const { client } = connect(echo);
    for (const piece of pieces) client.receive(piece);
    await settled();
    const bodies = bodiesOf(client.responses());
    assert.deepEqual(bodies, ["/1 ", "/2 body", "/3 body", "/4 "]);
  });
});

rule("connection/pipelining", "§9.3.2 begins one after the other", async () => {
  const { handler, targets, answer } = waitingHandler();
  const { client } = connect(handler);
  client.receive(get("/1") + get("/2"));
  client.receive(get("/3"));
  assert.deepEqual(targets, ["/1"]);
  await settled();
  assert.equal(client.sent, "");
  await answer(0);
  assert.deepEqual(targets, ["/1", "/2"]);
  assert.deepEqual(bodiesOf(client.responses()), ["/1"]);
  await answer(1);
  await answer(2);
  assert.deepEqual(bodiesOf(client.responses()), ["/1", "/2", "/3"]);
});

rule(
  "connection/pipelining",
  "§9.3.2 mixes nothing into a stream",
  async () => {
    const gate = deferred();
    async function* slow() {
      yield "a";
      await gate.promise;
      yield "b";
    }
    const { client } = connect(({ target }) => {
      return target === "/" ? new HttpResponse(slow()) : text(target);
    });
    client.receive(get("/") + get("/2"));
    await settled();
    client.receive(get("/3"));
    assert.ok(!client.sent.includes("/2"));
    gate.resolve();
    await settled();
    assert.deepEqual(bodiesOf(client.responses()), ["ab", "/2", "/3"]);
  },
);

rule("connection/pipelining", "§9.3.2 answers a thousand at once", () => {
  const { client } = connect(echoTarget);
  client.receive(get("/").repeat(1_000));
  assert.equal(client.responses().length, 1_000);
});

// --- a bad one behind good ones

const refused: [what: string, wire: string, status: number][] = [
  ["a request without Host", BAD, 400],
  ["garbage", "\x00\x01", 400],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505],
  ["a line that is too long", `GET /${"a".repeat(8_192)}`, 414],
  [
    "a body that is too large",
    requestOf("POST /", ["Content-Length: 9999999"]),
    413,
  ],
  [
    "a chunk without a size",
    `${requestOf("POST /", ["Transfer-Encoding: chunked"])}x`,
    400,
  ],
];
for (const [what, wire, status] of refused) {
  rule(
    "connection/bad-after-good",
    `§9.6 answers what is before ${what}, and nothing after it`,
    async () => {
      const { client, observer } = connect(echoTarget);
      client.receive(get("/1") + get("/2") + wire + get("/3"));
      client.receive(get("/4"));
      await settled();
      const responses = client.responses();
      assert.deepEqual(statusesOf(responses), [200, 200, status]);
      assert.equal(responses[2]?.closes, true);
      assert.equal(client.ending, "fin");
      assert.deepEqual(client.lateSends, []);
      const counts = observer.events.filter((event) => /^parse/.test(event));
      assert.equal(counts.length, 1);
    },
  );
}

rule(
  "connection/bad-after-good",
  "§9.6 looks at what is bad once the good ones are answered",
  async () => {
    const { handler, answer } = waitingHandler();
    const { client, observer } = connect(handler);
    client.receive(get("/1") + BAD);
    await settled();
    assert.equal(client.sent, "");
    assert.equal(client.ending, undefined);
    assert.deepEqual(observer.events, ["request"]);
    await answer(0);
    assert.deepEqual(statusesOf(client.responses()), [200, 400]);
    assert.equal(client.ending, "fin");
  },
);

// --- how much of it waits

rule(
  "connection/pipeline-size",
  "§9.3.2 reads no further than 64 KiB while a handler works",
  async () => {
    const { handler, answer } = waitingHandler();
    const { client } = connect(handler);
    client.receive(get("/1"));
    client.receive(get("/2"));
    assert.equal(client.isReading, true);
    const long = requestOf("GET /3", [`A: ${"a".repeat(8_000)}`]);
    client.receive(long.repeat(9));
    assert.equal(client.isReading, false);
    for (let index = 0; index < 11; index++) await answer(index);
    assert.equal(client.responses().length, 11);
    assert.equal(client.isReading, true);
  },
);

rule(
  "connection/pipeline-size",
  "§9.3.2 handles nothing for a client that does not read",
  async () => {
    let handled = 0;
    const { client } = connect(() => {
      handled++;
      client.fillUp();
      return text("x");
    });
    client.receive(get("/").repeat(3));
    client.receive(get("/"));
    assert.equal(handled, 1);
    assert.equal(client.isReading, false);
    client.drain();
    assert.equal(handled, 2);
    for (let drains = 0; drains < 3; drains++) {
      client.drain();
      await settled();
    }
    assert.equal(client.responses().length, 4);
  },
);

rule(
  "connection/pipeline-size",
  "§9.3 is not idle while the client reads",
  async () => {
    const { client } = connect(echoTarget);
    client.receive(get("/1"));
    client.fillUp();
    client.receive(get("/2"));
    client.advance(100_000);
    assert.equal(client.ending, undefined);
    client.drain();
    await settled();
    assert.deepEqual(bodiesOf(client.responses()), ["/1", "/2"]);
    client.advance(74_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    assert.equal(client.ending, "fin");
  },
);
