import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { text } from "../../../src/worker/http/response-helpers.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");

function postOf(bytes: number): string {
  return requestOf("POST /", [`Content-Length: ${bytes}`]);
}

describe("a handler", () => {
  test("that stops reading a body has its time from there", async () => {
    const { client } = connect(() => deferred<HttpResponse>().promise);
    client.receive(postOf(140_000) + "a".repeat(70_000));
    client.advance(59_999);
    assert.equal(client.sent, "");
    client.advance(1);
    assert.equal(client.responses()[0]?.status, 503);
  });

  test("may be given another time, also later", async () => {
    const { client } = connect(async (request) => {
      request.handlerTimeoutMs = 5_000;
      await deferred<void>().promise;
      return text("late");
    });
    client.receive(GET);
    client.advance(4_999);
    assert.equal(client.sent, "");
    client.advance(1);
    assert.equal(client.responses()[0]?.status, 503);
    const more = deferred();
    const other = connect(async (request) => {
      await more.promise;
      request.handlerTimeoutMs = 0;
      return deferred<HttpResponse>().promise;
    });
    other.client.receive(GET);
    more.resolve();
    await settled();
    other.client.advance(3_600_000);
    assert.equal(other.client.sent, "");
  });

  test("that streams its answer may take its time", async () => {
    const rest = deferred<string>();
    const { client } = connect(async () => {
      return new HttpResponse(
        (async function* () {
          yield "a";
          yield await rest.promise;
        })(),
      );
    });
    client.receive(GET);
    await settled();
    client.advance(3_600_000);
    rest.resolve("b");
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "ab");
  });

  test("that streams may let a body wait, too", async () => {
    const rest = deferred<string>();
    const { client } = connect(() => {
      return new HttpResponse(
        (async function* () {
          yield await rest.promise;
        })(),
      );
    });
    client.receive(postOf(140_000) + "a".repeat(70_000));
    await settled();
    assert.equal(client.isReading, false);
    client.advance(3_600_000);
    rest.resolve("b");
    await settled();
    const [response, ...others] = client.responses();
    assert.equal(response?.status, 200);
    assert.equal(others.length, 0);
  });
});
