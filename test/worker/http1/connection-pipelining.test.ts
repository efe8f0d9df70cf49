import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HttpRequest } from "../../../src/worker/http/request.ts";
import type { HttpResponse } from "../../../src/worker/http/response.ts";
import { text } from "../../../src/worker/http/responses.ts";
import { type Deferred, deferred } from "../../support/deferred.ts";
import { deliveriesOf } from "../../support/wire-cases.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const echoTarget = (request: HttpRequest) => text(request.target);
const get = (target: string) => requestOf(`GET ${target}`);

function bodiesOf(responses: readonly { body: Buffer }[]): string[] {
  return responses.map(({ body }) => body.toString());
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

describe("pipelined requests", () => {
  test("§9.3.2 are answered in order, in one write", () => {
    const { client } = connect(echoTarget);
    client.receive(get("/1") + get("/2") + get("/3"));
    assert.deepEqual(bodiesOf(client.responses()), ["/1", "/2", "/3"]);
    assert.equal(client.writes.length, 1);
    assert.equal(client.ending, undefined);
  });

  test("§9.3.2 are answered the same, however they are cut", async () => {
    const echo = async (request: HttpRequest) => {
      return text(`${request.target} ${await request.text()}`);
    };
    const wire =
      get("/1") +
      requestOf("POST /2", [], "body") +
      requestOf("PUT /3", ["Transfer-Encoding: chunked"]) +
      "4\r\nbody\r\n0\r\nA: 1\r\n\r\n" +
      get("/4");
    const options = { trailing: "", randomSplits: 50 };
    for (const { name, pieces } of deliveriesOf(wire, options)) {
      const { client } = connect(echo);
      for (const piece of pieces) client.receive(piece);
      await settled();
      const bodies = bodiesOf(client.responses());
      assert.deepEqual(bodies, ["/1 ", "/2 body", "/3 body", "/4 "], name);
    }
  });

  test("§9.3.2 wait for the answer before them", async () => {
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

  test("§9.3.2 that can be answered at once follow in one write", async () => {
    const first = deferred<HttpResponse>();
    const { client } = connect((request) => {
      return request.target === "/1" ? first.promise : echoTarget(request);
    });
    client.receive(get("/1") + get("/2") + get("/3"));
    first.resolve(text("/1"));
    await settled();
    assert.deepEqual(bodiesOf(client.responses()), ["/1", "/2", "/3"]);
    assert.ok(client.writes.length <= 2);
  });

  test("§9.3 may be a thousand", () => {
    const { client } = connect(echoTarget);
    client.receive(get("/").repeat(1_000));
    assert.equal(client.responses().length, 1_000);
  });
});

describe("a bad request behind good ones", () => {
  const bad = "GET /bad HTTP/1.1\r\n\r\n";

  test("§9.6 is refused after their answers, and ends it", () => {
    const { client, observer } = connect(echoTarget);
    client.receive(get("/1") + get("/2") + bad + get("/3"));
    client.receive(get("/4"));
    const responses = client.responses();
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200, 200, 400],
    );
    assert.equal(responses[2]?.closes, true);
    assert.equal(client.ending, "fin");
    assert.equal(client.writes.length, 1);
    assert.deepEqual(observer.events, [
      "request",
      "response 200",
      "request",
      "response 200",
      "parse error host",
    ]);
  });

  test("§9.6 is refused once they have been answered", async () => {
    const { handler, answer } = waitingHandler();
    const { client, observer } = connect(handler);
    client.receive(get("/1") + bad);
    await settled();
    assert.equal(client.sent, "");
    assert.equal(client.ending, undefined);
    assert.deepEqual(observer.events, ["request"]);
    await answer(0);
    const statuses = client.responses().map(({ status }) => status);
    assert.deepEqual(statuses, [200, 400]);
    assert.equal(client.ending, "fin");
  });

  test("§9.6 is not looked at behind a close", () => {
    const { client, observer } = connect(echoTarget);
    client.receive(requestOf("GET /1", ["Connection: close"]) + bad);
    assert.equal(client.responses().length, 1);
    assert.equal(client.ending, "fin");
    assert.equal(observer.events.length, 2);
  });

  test("§9.6 says what was wrong, with Date and length", () => {
    const { client } = connect(echoTarget);
    client.receive(bad);
    const [response] = client.responses();
    assert.equal(response?.headers["content-type"], "application/problem+json");
    assert.equal(response?.headers.server, "test");
    assert.equal(response?.headers.connection, "close");
    assert.ok(response?.headers.date);
    assert.deepEqual(JSON.parse(response?.body.toString() ?? ""), {
      title: "Bad Request",
      status: 400,
      detail: "a request without Host",
    });
  });
});

describe("a pipeline that is too long", () => {
  test("is not read on while a handler works", async () => {
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
  });

  test("is not read on by a client that does not read", async () => {
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
  });

  test("goes on where the room ended within the next head", async () => {
    const { client } = connect(echoTarget);
    const next = get("/2");
    client.receive(get("/1") + next.slice(0, 10));
    client.fillUp();
    client.receive(next.slice(10));
    client.drain();
    await settled();
    assert.deepEqual(bodiesOf(client.responses()), ["/1", "/2"]);
    assert.equal(client.isReading, true);
  });

  test("is not idle, however long the client reads", async () => {
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
  });
});
