import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HttpResponse } from "../../../src/worker/http/response.ts";
import { text } from "../../../src/worker/http/responses.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /next");
const CHUNKED = requestOf("POST /", ["Transfer-Encoding: chunked"]);
const hello = () => text("hello");

function postOf(bytes: number): string {
  return requestOf("POST /", [`Content-Length: ${bytes}`]);
}

const statusesOf = (responses: readonly { status: number }[]) => {
  return responses.map(({ status }) => status);
};

describe("a request's body that nobody reads", () => {
  test("§9.3 is read past where it is whole already", () => {
    const { client } = connect(hello);
    client.receive(requestOf("POST /", [], "body") + GET);
    assert.deepEqual(statusesOf(client.responses()), [200, 200]);
  });

  test("§9.3 is read past as it comes, and is no request", () => {
    const { client, observer } = connect(hello);
    const inner = requestOf("GET /smuggled");
    client.receive(postOf(inner.length));
    const [response] = client.responses();
    assert.equal(response?.closes, false);
    client.receive(inner.slice(0, 20));
    client.receive(inner.slice(20) + GET);
    assert.deepEqual(statusesOf(client.responses()), [200, 200]);
    assert.equal(observer.exchanges[1]?.request.target, "/next");
  });

  test("§9.3 up to its bound keeps the connection", () => {
    const { client } = connect(hello);
    client.receive(postOf(65_536));
    client.receive("a".repeat(65_536) + GET);
    assert.deepEqual(statusesOf(client.responses()), [200, 200]);
  });

  test("§9.3 over its bound ends it, and the answer says so", () => {
    const { client } = connect(hello);
    client.receive(postOf(65_537));
    const [response] = client.responses();
    assert.equal(response?.closes, true);
    assert.equal(client.ending, "fin");
  });

  test("§9.3 in chunks ends it, as nobody knows how long it is", () => {
    const { client } = connect(hello);
    client.receive(CHUNKED);
    assert.equal(client.responses()[0]?.closes, true);
    assert.equal(client.ending, "fin");
  });

  test("§9.3 in chunks that are whole keeps it", () => {
    const { client } = connect(hello);
    client.receive(`${CHUNKED}1\r\na\r\n0\r\n\r\n${GET}`);
    assert.deepEqual(statusesOf(client.responses()), [200, 200]);
  });

  test("§9.3 to its end has one bound for all chunks", async () => {
    const { client } = connect(async (request) => {
      for await (const _ of request.body) break;
      return hello();
    });
    client.receive(`${postOf(65_600)}a`);
    await settled();
    for (let count = 0; count < 4; count++) client.receive("a".repeat(20_000));
    assert.deepEqual(statusesOf(client.responses()), [200]);
    assert.equal(client.ending, "fin");
  });

  test("§6.3 is not whole for who reads it on", async () => {
    let reading: Promise<Buffer> | undefined;
    const { client } = connect((request) => {
      reading ??= request.bytes();
      return hello();
    });
    client.receive(`${postOf(10)}half`);
    assert.equal(client.responses()[0]?.closes, false);
    await assert.rejects(reading as Promise<Buffer>, {
      name: "RequestAborted",
      message: "the request has been answered",
    });
    client.receive(`of it.${GET}`);
    assert.deepEqual(statusesOf(client.responses()), [200, 200]);
  });

  test("§9.3 is not counted as aborted when the client leaves", () => {
    let signal: AbortSignal | undefined;
    const { client, observer } = connect((request) => {
      signal = request.signal;
      return hello();
    });
    client.receive(`${postOf(100)}a`);
    client.leave();
    assert.deepEqual(observer.events, ["request", "response 200"]);
    assert.equal(signal?.aborted, false);
  });

  test("§9.3 is held back no more once it is answered", async () => {
    const answer = deferred<HttpResponse>();
    const { client } = connect(() => answer.promise);
    client.receive(postOf(120_000));
    client.receive("a".repeat(70_000));
    assert.equal(client.isReading, false);
    client.receive("a".repeat(50_000) + GET);
    answer.resolve(hello());
    await settled();
    assert.deepEqual(statusesOf(client.responses()), [200, 200]);
    assert.equal(client.isReading, true);
  });
});

describe("a client that ends within its body", () => {
  const bodies: [what: string, wire: string][] = [
    ["§6.3 of a known length", `${postOf(10)}12345`],
    ["§6.3 that has not begun", postOf(10)],
    ["§8 in chunks", `${CHUNKED}3\r\nabc\r\n`],
    ["§8 in chunks, before the last LF", `${CHUNKED}0\r\n\r`],
  ];
  for (const [what, wire] of bodies) {
    test(`${what}: the handler is told, nothing is answered`, async () => {
      let failure: unknown;
      let signal: AbortSignal | undefined;
      const { client, observer } = connect(async (request) => {
        signal = request.signal;
        failure = await request.text().catch((error) => error);
        return hello();
      });
      client.receive(wire);
      client.receiveEnd();
      await settled();
      assert.equal(client.sent, "");
      assert.equal(client.ending, "fin");
      assert.match(String(failure), /RequestAborted/);
      assert.equal(signal?.aborted, true);
      assert.deepEqual(observer.events, ["request", "abort /"]);
    });
  }
});
