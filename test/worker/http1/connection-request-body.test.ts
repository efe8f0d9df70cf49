import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HttpRequest } from "../../../src/worker/http/request.ts";
import { HttpResponse } from "../../../src/worker/http/response.ts";
import { text } from "../../../src/worker/http/responses.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /next");
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const CHUNKED = requestOf("POST /", ["Transfer-Encoding: chunked"]);
const hello = () => text("hello");
const echo = async (request: HttpRequest) => text(await request.text());

function postOf(bytes: number, fields: readonly string[] = []): string {
  return requestOf("POST /", [...fields, `Content-Length: ${bytes}`]);
}

const statusesOf = (responses: readonly { status: number }[]) => {
  return responses.map(({ status }) => status);
};

describe("a request's body", () => {
  test("§6.2 of a known length is the handler's", async () => {
    const { client, observer } = connect(echo);
    client.receive(`${postOf(5)}he`);
    await settled();
    assert.equal(client.sent, "");
    client.receive(`llo${GET}`);
    await settled();
    const bodies = client.responses().map(({ body }) => body.toString());
    assert.deepEqual(bodies, ["hello", ""]);
    assert.equal(observer.exchanges[0]?.requestBodyBytes, 5);
    assert.equal(observer.exchanges[0]?.responseBodyBytes, 5);
  });

  test("§7.1 in chunks is the handler's, with its trailers", async () => {
    const { client, observer } = connect(async (request) => {
      const content = await request.text();
      return text(`${content} ${request.body.trailers?.get("a")}`);
    });
    client.receive(`${CHUNKED}3\r\nabc\r\n2\r\nde\r\n0\r\nA: 1\r\n\r\n${GET}`);
    await settled();
    const bodies = client.responses().map(({ body }) => body.toString());
    assert.deepEqual(bodies, ["abcde 1", " undefined"]);
    assert.equal(observer.exchanges[0]?.requestBodyBytes, 5);
  });

  test("§7.1.2 has its trailers apart from the fields", async () => {
    const { client } = connect(async (request) => {
      await request.text();
      return text(`${request.headers.has("a")}`);
    });
    client.receive(`${CHUNKED}0\r\nA: 1\r\n\r\n`);
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "false");
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

describe("a request's body that is too large", () => {
  const limits = { maxBodyBytes: 10 };
  const never = () => assert.fail("a handler");

  test("RFC 9110 §15.5.14 gets 413 before it is sent", () => {
    const { client, observer } = connect(never, limits);
    client.receive(postOf(11));
    const [response] = client.responses();
    assert.equal(response?.status, 413);
    assert.equal(response?.closes, true);
    assert.equal(client.ending, "fin");
    assert.deepEqual(observer.events, [
      "request",
      "parse error body_too_large",
      "response 413",
    ]);
  });

  test("RFC 9110 §9.3.2 gets a 413 without content for a HEAD", () => {
    const { client } = connect(never, limits);
    client.receive("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
    assert.match(client.sent, /^HTTP\/1\.1 413 /);
    assert.match(client.sent, /\r\n\r\n$/);
  });

  test("RFC 9110 §15.5.14 gets 413 instead of a 100", () => {
    const { client } = connect(never, limits);
    client.receive(postOf(11, ["Expect: 100-continue"]));
    const [response] = client.responses();
    assert.equal(response?.status, 413);
    assert.deepEqual(response?.interim, []);
  });

  test("RFC 9110 §15.5.14 in chunks gets 413 when it is known", async () => {
    const { client, observer } = connect(echo, limits);
    client.receive(`${CHUNKED}a\r\n0123456789\r\n`);
    await settled();
    assert.equal(client.sent, "");
    client.receive("1\r\n");
    assert.deepEqual(statusesOf(client.responses()), [413]);
    assert.deepEqual(observer.events, [
      "request",
      "parse error body_too_large",
      "response 413",
    ]);
  });
});

describe("a client that waits for 100 Continue", () => {
  const expecting = postOf(5, ["Expect: 100-continue"]);

  test("RFC 9110 §10.1.1 gets it when the handler reads", async () => {
    const begin = deferred();
    const { client } = connect(async (request) => {
      await begin.promise;
      return echo(request);
    });
    client.receive(expecting);
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
  });

  test("RFC 9110 §10.1.1 gets it where the handler reads at once", async () => {
    const { client } = connect(echo);
    client.receive(expecting);
    assert.equal(client.sent, CONTINUE);
    client.receive("hello");
    await settled();
    assert.equal(client.responses()[0]?.status, 200);
  });

  test("RFC 9110 §10.1.1 gets it once", async () => {
    const { client } = connect(echo);
    client.receive(expecting);
    for (const byte of "hello") {
      client.receive(byte);
      await settled();
    }
    assert.deepEqual(client.responses()[0]?.interim, [100]);
  });

  test("RFC 9110 §10.1.1 gets none with an early answer, and a close", () => {
    const { client } = connect(() => text("no", 403));
    client.receive(expecting);
    const [response] = client.responses();
    assert.equal(response?.status, 403);
    assert.deepEqual(response?.interim, []);
    assert.equal(response?.closes, true);
    assert.equal(client.ending, "fin");
  });

  test("RFC 9110 §10.1.1 gets none once it sends its body", async () => {
    const { client } = connect(echo);
    client.receive(`${expecting}he`);
    await settled();
    assert.equal(client.sent, "");
    client.receive("llo");
    await settled();
    assert.deepEqual(client.responses()[0]?.interim, []);
  });

  test("RFC 9110 §10.1.1 gets none where there is no body", async () => {
    const { client } = connect(echo);
    const request = requestOf("POST /", ["Expect: 100-continue"]);
    client.receive(request + GET);
    await settled();
    assert.deepEqual(statusesOf(client.responses()), [200, 200]);
    assert.ok(!client.sent.includes("100 Continue"));
  });

  test("RFC 9110 §10.1.1 gets none for another body", async () => {
    const later = deferred();
    const { client } = connect((request) => {
      if (request.target === "/") return deferred<HttpResponse>().promise;
      const reader = request.body[Symbol.asyncIterator]();
      later.promise.then(() => reader.return?.());
      return hello();
    });
    const first = postOf(10).replace("POST /", "POST /first");
    client.receive(`${first}12345`);
    client.receive(`67890${expecting}`);
    const before = client.sent;
    later.resolve();
    await settled();
    assert.equal(client.sent, before);
  });

  test("RFC 9110 §15.5.18 for something else gets 417", () => {
    const { client } = connect(hello);
    client.receive(postOf(5, ["Expect: tea"]));
    assert.deepEqual(statusesOf(client.responses()), [417]);
    assert.equal(client.ending, "fin");
  });
});
