import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import type { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { text } from "../../../src/worker/http/response-helpers.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const echoTarget = (request: HttpRequest) => text(request.target);
const get = (target: string) => requestOf(`GET ${target}`);

function bodiesOf(responses: readonly { body: Buffer }[]): string[] {
  return responses.map(({ body }) => body.toString());
}

describe("pipelined requests", () => {
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

  test("go on where the room ended within the next head", async () => {
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
});

test("a head may be longer than what is read ahead of a pipeline", async () => {
  const limits = { maxHeadBytes: 400_000 };
  const { client } = connect(echoTarget, limits);
  const head = requestOf("GET /long", [`X-Long: ${"x".repeat(300_000)}`]);
  for (let at = 0; at < head.length; at += 65_536) {
    client.receive(head.slice(at, at + 65_536));
    await settled();
  }
  assert.deepEqual(bodiesOf(client.responses()), ["/long"]);
});
