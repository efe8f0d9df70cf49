import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { text } from "../../../src/worker/http/response-helpers.ts";
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

describe("a request's body", () => {
  test("§7.1.2 has no trailers where none were sent", async () => {
    const { client } = connect(async (request) => {
      await request.text();
      return text(`${request.trailers}`);
    });
    client.receive(`${CHUNKED}1\r\na\r\n0\r\n\r\n${postOf(1)}a${GET}`);
    await settled();
    const bodies = client.responses().map(({ body }) => body.toString());
    assert.deepEqual(bodies, ["undefined", "undefined", "undefined"]);
  });

  test("RFC 9110 §6.5.1 has trailers that mean nothing", async () => {
    const { client, observer } = connect(async (request) => {
      await request.text();
      const { trailers } = request;
      return text(`${request.headers.get("host")} ${trailers?.get("host")}`);
    });
    const trailers = [
      "Host: other",
      "Content-Length: 50",
      "Transfer-Encoding: gzip",
      "Connection: close",
      "Expect: 100-continue",
    ];
    client.receive(`${CHUNKED}0\r\n${trailers.join("\r\n")}\r\n\r\n${GET}`);
    await settled();
    const bodies = client.responses().map(({ body }) => body.toString());
    assert.deepEqual(bodies, ["h other", "h undefined"]);
    assert.equal(client.ending, undefined);
    assert.deepEqual(observer.events.length, 4);
  });

  test("§6.3 is read while its answer is streamed", async () => {
    const { client } = connect(({ body }) => new HttpResponse(body));
    client.receive(postOf(6));
    for (const piece of ["ab", "cd", "ef"]) {
      await settled();
      client.receive(piece);
    }
    await settled();
    client.receive(GET);
    await settled();
    const bodies = client.responses().map(({ body }) => body.toString());
    assert.deepEqual(bodies, ["abcdef", ""]);
  });

  test("§6.3 is held back by a handler that is slow", async () => {
    const steps = [deferred(), deferred()];
    const { client } = connect(async (request) => {
      await steps[0]?.promise;
      const reader = request.body[Symbol.asyncIterator]();
      await reader.next();
      await steps[1]?.promise;
      return text(`${(await request.bytes().catch(() => "")).length}`);
    });
    client.receive(postOf(200_000));
    for (let count = 0; count < 4; count++) client.receive("a".repeat(50_000));
    assert.equal(client.isReading, false);
    steps[0]?.resolve();
    await settled();
    assert.equal(client.isReading, false);
    steps[1]?.resolve();
  });
});

describe("a request's body that is broken", () => {
  test("§7.1 is refused, and the handler's answer is not sent", async () => {
    let failure: unknown;
    const { client, observer } = connect(async (request) => {
      failure = await request.text().catch((error) => error);
      return hello();
    });
    client.receive(`${CHUNKED}3\r\nabc\r\n`);
    client.receive(`+1\r\na\r\n${GET}`);
    await settled();
    const [response, ...rest] = client.responses();
    assert.equal(response?.status, 400);
    assert.equal(response?.closes, true);
    assert.equal(rest.length, 0);
    assert.equal(client.ending, "fin");
    assert.match(String(failure), /HttpError: a chunk without a size/);
    assert.deepEqual(observer.events, [
      "request",
      "parse error chunk",
      "response 400",
    ]);
  });

  test("§7.1 within the first bytes reaches no handler", () => {
    const { client, observer } = connect(() => assert.fail("a handler"));
    client.receive(`${CHUNKED}x\r\n`);
    assert.deepEqual(statusesOf(client.responses()), [400]);
    assert.equal(observer.openRequests, 0);
  });
});
