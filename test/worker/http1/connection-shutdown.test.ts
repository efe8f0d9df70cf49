import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok, text } from "../../../src/worker/http/response-helpers.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");
const hello = () => text("hello");

describe("a connection in a shutdown", () => {
  test("lingers where it is idle, then closes", () => {
    const { client, connection } = connect(hello);
    client.receive(GET);
    connection.onShutdown(5_000);
    client.advance(4_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    assert.equal(client.ending, "fin");
    assert.equal(client.responses().length, 1);
  });

  test("lingers no longer than it would have anyway", () => {
    const { client, connection } = connect(hello, {
      keepAliveTimeoutMs: 1_000,
    });
    connection.onShutdown(5_000);
    client.advance(1_000);
    assert.equal(client.ending, "fin");
  });

  test("answers the next request, and says close", () => {
    const { client, connection } = connect(hello);
    connection.onShutdown(5_000);
    client.advance(4_000);
    client.receive(GET);
    const [response] = client.responses();
    assert.equal(response?.status, 200);
    assert.equal(response?.closes, true);
    assert.equal(client.ending, "fin");
  });

  test("answers the next one though its head is slow", () => {
    const { client, connection } = connect(hello);
    client.receive(GET.slice(0, 5));
    connection.onShutdown(5_000);
    client.advance(9_000);
    client.receive(GET.slice(5));
    assert.equal(client.responses()[0]?.closes, true);
  });

  test("answers what is in flight, and says close", async () => {
    const answer = deferred<HttpResponse>();
    const { client, connection } = connect(() => answer.promise);
    client.receive(GET);
    connection.onShutdown(0);
    client.advance(59_000);
    assert.equal(client.ending, undefined);
    answer.resolve(ok());
    await settled();
    assert.equal(client.responses()[0]?.closes, true);
    assert.equal(client.ending, "fin");
  });

  test("answers what is pipelined, and the last says close", async () => {
    const first = deferred<HttpResponse>();
    const { client, connection } = connect(({ target }) => {
      return target === "/1" ? first.promise : text(target);
    });
    client.receive(
      ["/1", "/2", "/3"].map((t) => requestOf(`GET ${t}`)).join(""),
    );
    connection.onShutdown(5_000);
    first.resolve(text("/1"));
    await settled();
    const closes = client.responses().map((response) => response.closes);
    assert.deepEqual(closes, [false, false, true]);
    assert.equal(client.ending, "fin");
  });

  test("sends a stream to its end, and closes", async () => {
    const gate = deferred();
    async function* pieces() {
      yield "a";
      await gate.promise;
      yield "b";
    }
    const { client, connection } = connect(() => new HttpResponse(pieces()));
    client.receive(GET);
    await settled();
    connection.onShutdown(1_000);
    client.advance(60_000);
    gate.resolve();
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "ab");
    client.advance(1_000);
    assert.equal(client.ending, "fin");
  });

  test("answers what waits for a client that reads slowly", async () => {
    const { client, connection } = connect(() => {
      client.fillUp();
      return hello();
    });
    client.receive(GET + GET);
    connection.onShutdown(1_000);
    client.advance(10_000);
    client.drain();
    await settled();
    const closes = client.responses().map((response) => response.closes);
    assert.deepEqual(closes, [false, true]);
  });

  test("is idle between requests only", async () => {
    const answer = deferred<HttpResponse>();
    const { client, connection } = connect(() => answer.promise);
    assert.equal(connection.isIdle, true);
    client.receive(GET.slice(0, 3));
    assert.equal(connection.isIdle, false);
    client.receive(GET.slice(3));
    assert.equal(connection.isIdle, false);
    answer.resolve(ok());
    await settled();
    assert.equal(connection.isIdle, true);
  });
});
