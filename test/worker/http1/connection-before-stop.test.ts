/** What each connection does from the moment that the server is to stop. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serveFetch } from "../../../src/serve-fetch.ts";
import { serveNode } from "../../../src/serve-node.ts";
import { NOT_STARTED } from "../../../src/shared/readiness.ts";
import type { App } from "../../../src/worker/app/app.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok, text } from "../../../src/worker/http/response-helpers.ts";
import { UpgradeResponse } from "../../../src/worker/http/upgrade-response.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { serveHttp } from "./served-http1.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");
const HTTP_10 = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
const hello = () => text("hello");

function closesOf(responses: readonly { closes: boolean }[]): boolean[] {
  return responses.map(({ closes }) => closes);
}

describe("a connection of a server that is about to stop", () => {
  test("says close with its next answer, and closes", () => {
    const { client, readiness } = connect(hello);
    client.receive(GET);
    readiness.isClosing = true;
    assert.equal(client.ending, undefined);
    client.receive(GET);
    assert.deepEqual(closesOf(client.responses()), [false, true]);
    assert.equal(client.ending, "fin");
  });

  test("stays open while it is idle", () => {
    const { client, readiness } = connect(hello, { keepAliveTimeoutMs: 9_000 });
    client.receive(GET);
    readiness.isClosing = true;
    client.advance(8_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    assert.equal(client.ending, "fin");
  });

  test("says close to HTTP/1.0 that asked for keep-alive", () => {
    const { client, readiness } = connect(hello);
    client.receive(HTTP_10);
    readiness.isClosing = true;
    client.receive(HTTP_10);
    const fields = client.responses().map(({ headers }) => headers.connection);
    assert.deepEqual(fields, ["keep-alive", "close"]);
    assert.equal(client.ending, "fin");
  });

  test("says close to HEAD", () => {
    const { client, readiness } = connect(hello);
    readiness.isClosing = true;
    client.receive(requestOf("HEAD /"));
    assert.deepEqual(closesOf(client.responses("HEAD")), [true]);
    assert.equal(client.ending, "fin");
  });

  test("answers all of a pipeline, and the last says close", async () => {
    const first = deferred<HttpResponse>();
    const { client, readiness } = connect(({ target }) => {
      return target === "/1" ? first.promise : text(target);
    });
    const targets = ["/1", "/2", "/3"];
    client.receive(targets.map((each) => requestOf(`GET ${each}`)).join(""));
    readiness.isClosing = true;
    first.resolve(text("/1"));
    await settled();
    const responses = client.responses();
    const bodies = responses.map(({ body }) => body.toString());
    assert.deepEqual(bodies, targets);
    assert.deepEqual(closesOf(responses), [false, false, true]);
    assert.equal(client.ending, "fin");
  });

  test("says close with what was in flight", async () => {
    const answer = deferred<HttpResponse>();
    const { client, readiness } = connect(() => answer.promise);
    client.receive(GET);
    readiness.isClosing = true;
    answer.resolve(ok());
    await settled();
    assert.deepEqual(closesOf(client.responses()), [true]);
  });

  test("reads a body that is on its way, and answers", () => {
    const { client, readiness } = connect(async (request) => {
      return text(await request.body.text());
    });
    client.receive(requestOf("POST /", ["Content-Length: 4"]));
    readiness.isClosing = true;
    client.receive("body");
    return settled().then(() => {
      const [response] = client.responses("POST");
      assert.equal(response?.body.toString(), "body");
      assert.equal(response?.closes, true);
    });
  });

  test("goes on after a stream that began before, to the next one", async () => {
    const gate = deferred();
    async function* pieces() {
      yield "a";
      await gate.promise;
      yield "b";
    }
    const { client, readiness } = connect(() => new HttpResponse(pieces()));
    client.receive(GET);
    await settled();
    readiness.isClosing = true;
    gate.resolve();
    await settled();
    assert.equal(client.ending, undefined);
    client.receive(GET);
    await settled();
    const responses = client.responses();
    assert.deepEqual(closesOf(responses), [false, true]);
    assert.deepEqual(
      responses.map(({ body }) => body.toString()),
      ["ab", "ab"],
    );
    assert.equal(client.ending, "fin");
  });

  test("stays another protocol's once it was switched", () => {
    const { client, readiness } = connect((request) => {
      return new UpgradeResponse((socket) => {
        request.signal.addEventListener("abort", () => socket.destroy());
        socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      });
    });
    const asked = ["Connection: Upgrade", "Upgrade: websocket"];
    client.receive(requestOf("GET /", asked));
    readiness.isClosing = true;
    client.advance(60_000);
    assert.equal(client.ending, undefined);
    assert.equal(client.handedOver?.destroyed, false);
  });

  const apps: Readonly<Record<string, () => App>> = {
    "node:http": () =>
      serveNode((_request, response) => {
        response.setHeader("Connection", "keep-alive");
        response.end("hello");
      }),
    fetch: () =>
      serveFetch(
        () => new Response("hello", { headers: { Connection: "keep-alive" } }),
      ),
  };
  for (const [kind, make] of Object.entries(apps)) {
    test(`says close where an app for ${kind} says otherwise`, async () => {
      const app = make();
      const readiness = { ...NOT_STARTED };
      const handler = app.handle.bind(app);
      const { address } = await serveHttp(handler, { readiness });
      const before = await exchange(address, GET, { responses: 1 });
      assert.deepEqual(closesOf(before.responses), [false]);
      readiness.isClosing = true;
      const { responses, ending } = await exchange(address, GET, {
        untilClosed: true,
      });
      assert.deepEqual(closesOf(responses), [true]);
      assert.equal(ending, "fin");
    });
  }
});
