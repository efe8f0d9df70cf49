import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HttpRequest } from "../../../src/worker/http/request.ts";
import { HttpResponse } from "../../../src/worker/http/response.ts";
import { text } from "../../../src/worker/http/responses.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");
const hello = () => text("hello");
const echo = async (request: HttpRequest) => text(await request.text());

function postOf(bytes: number, fields: readonly string[] = []): string {
  return requestOf("POST /", [...fields, `Content-Length: ${bytes}`]);
}

const CHUNKED = requestOf("POST /", ["Transfer-Encoding: chunked"]);

describe("an idle connection", () => {
  test("§9.3 is closed after its time-out, without a word", () => {
    const { client, observer } = connect(hello);
    client.advance(74_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    assert.equal(client.ending, "fin");
    assert.equal(client.sent, "");
    assert.deepEqual(observer.events, []);
  });

  test("§9.3 has its time anew after each answer", () => {
    const { client } = connect(hello);
    for (let count = 0; count < 3; count++) {
      client.advance(70_000);
      client.receive(GET);
    }
    client.advance(74_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    assert.equal(client.ending, "fin");
    assert.equal(client.responses().length, 3);
  });

  test("§2.2 is not kept open by empty lines", () => {
    const { client } = connect(hello);
    client.advance(70_000);
    client.receive("\r\n\r");
    client.advance(5_000);
    assert.equal(client.ending, "fin");
    assert.equal(client.sent, "");
  });
});

describe("a head", () => {
  test("RFC 9110 §15.5.9 that is too slow gets 408", () => {
    const { client, observer } = connect(hello);
    client.advance(60_000);
    client.receive("G");
    client.advance(9_999);
    assert.equal(client.sent, "");
    client.advance(1);
    const [response] = client.responses();
    assert.equal(response?.status, 408);
    assert.equal(response?.closes, true);
    assert.equal(client.ending, "fin");
    assert.deepEqual(observer.events, ["parse error head_timeout"]);
  });

  test("RFC 9110 §15.5.9 has its time as a whole, not for each byte", () => {
    const { client } = connect(hello);
    for (const byte of GET.slice(0, 11)) {
      client.receive(byte);
      client.advance(999);
    }
    assert.equal(client.responses()[0]?.status, 408);
  });

  test("RFC 9110 §15.5.9 in time is answered", () => {
    const { client } = connect(hello);
    client.receive(GET.slice(0, 5));
    client.advance(9_999);
    client.receive(GET.slice(5));
    client.advance(60_000);
    assert.equal(client.responses()[0]?.status, 200);
    assert.equal(client.ending, undefined);
  });

  test("RFC 9110 §15.5.9 behind others has its own time", async () => {
    const answer = deferred<HttpResponse>();
    const { client } = connect(() => answer.promise);
    client.receive(GET + GET.slice(0, 5));
    client.advance(59_000);
    answer.resolve(hello());
    await settled();
    client.advance(9_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    const statuses = client.responses().map(({ status }) => status);
    assert.deepEqual(statuses, [200, 408]);
  });
});

describe("a handler", () => {
  test("that does not answer in time is not waited for", async () => {
    const late = deferred<HttpResponse>();
    const signals: AbortSignal[] = [];
    const { client, observer } = connect((request) => {
      signals.push(request.signal);
      return request.target === "/" ? late.promise : hello();
    });
    client.receive(GET + requestOf("GET /next"));
    client.advance(59_999);
    assert.equal(client.sent, "");
    client.advance(1);
    const [response, next, ...rest] = client.responses();
    assert.equal(response?.status, 503);
    assert.equal(response?.headers["retry-after"], "1");
    assert.equal(response?.closes, false);
    assert.equal(next?.status, 200);
    assert.equal(rest.length, 0);
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
    late.resolve(text("too late"));
    await settled();
    assert.equal(client.responses().length, 2);
    assert.deepEqual(observer.events, [
      "request",
      "handler timeout /",
      "response 503",
      "request",
      "response 200",
    ]);
  });

  test("has its time from where the client has sent its body", async () => {
    const { client } = connect(async (request) => {
      await request.bytes();
      return deferred<HttpResponse>().promise;
    });
    client.receive(postOf(30_000));
    for (let seconds = 0; seconds < 60; seconds += 20) {
      client.advance(20_000);
      client.receive("a".repeat(10_000));
    }
    client.advance(59_999);
    assert.equal(client.sent, "");
    client.advance(1);
    assert.equal(client.responses()[0]?.status, 503);
    assert.equal(client.ending, undefined);
  });

  test("that stops reading a body has its time from there", async () => {
    const { client } = connect(() => deferred<HttpResponse>().promise);
    client.receive(postOf(140_000) + "a".repeat(70_000));
    client.advance(59_999);
    assert.equal(client.sent, "");
    client.advance(1);
    assert.equal(client.responses()[0]?.status, 503);
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

  test("may take any time where no limit is set", async () => {
    const answer = deferred<HttpResponse>();
    const { client } = connect(() => answer.promise, { handlerTimeoutMs: 0 });
    client.receive(requestOf("POST /", [], "body"));
    client.advance(3_600_000);
    assert.equal(client.ending, undefined);
    answer.resolve(hello());
    await settled();
    assert.equal(client.responses()[0]?.status, 200);
  });
});

describe("a body", () => {
  test("RFC 9110 §15.5.9 that stops gets 408", async () => {
    let failure: unknown;
    const { client, observer } = connect(async (request) => {
      failure = await request.text().catch((error) => error);
      return hello();
    });
    client.receive(`${postOf(10)}12345`);
    client.advance(29_999);
    assert.equal(client.sent, "");
    client.advance(1);
    await settled();
    const [response, ...rest] = client.responses();
    assert.equal(response?.status, 408);
    assert.equal(response?.closes, true);
    assert.equal(rest.length, 0);
    assert.equal(client.ending, "fin");
    assert.match(String(failure), /HttpError: the body took too long/);
    assert.deepEqual(observer.events, [
      "request",
      "parse error body_timeout",
      "response 408",
    ]);
  });

  test("RFC 9110 §15.5.9 has its time anew with each piece", async () => {
    const { client } = connect(echo, { minBodyBytesPerSecond: 0 });
    client.receive(postOf(3));
    for (const byte of "abc") {
      client.advance(29_000);
      client.receive(byte);
    }
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "abc");
  });

  test("RFC 9110 §15.5.9 slower than the least pace gets 408", () => {
    const { client, observer } = connect(echo);
    client.receive(postOf(10_000));
    client.advance(20_000);
    client.receive("a".repeat(100));
    client.advance(20_000);
    assert.equal(client.sent, "");
    client.receive("a".repeat(100));
    assert.equal(client.responses()[0]?.status, 408);
    assert.equal(observer.events[1], "parse error body_timeout");
  });

  for (const [what, beginning, piece] of [
    ["trailers", "0\r\nA: ", "a"],
    ["extensions", '1;a="', "a"],
    ["chunks of a byte", "", "1\r\na\r\n"],
  ] as const) {
    const title = `RFC 9110 §15.5.9 of slow ${what} gets 408 too`;
    test(title, () => {
      const { client } = connect(echo);
      client.receive(CHUNKED + beginning);
      for (let seconds = 0; seconds < 60; seconds += 20) {
        client.advance(20_000);
        client.receive(piece);
      }
      assert.equal(client.responses()[0]?.status, 408);
    });
  }

  test("is not slow where the handler does not read it", async () => {
    const begin = deferred();
    const { client } = connect(async (request) => {
      await begin.promise;
      return echo(request);
    });
    const half = "a".repeat(70_000);
    client.receive(postOf(140_000) + half);
    assert.equal(client.isReading, false);
    client.advance(59_000);
    assert.equal(client.ending, undefined);
    begin.resolve();
    await settled();
    assert.equal(client.isReading, true);
    client.advance(20_000);
    client.receive(half);
    await settled();
    assert.equal(client.responses()[0]?.body.length, 140_000);
  });

  test("has no time-out before a 100 Continue, and one after it", async () => {
    const begin = deferred();
    const { client } = connect(async (request) => {
      await begin.promise;
      return echo(request);
    });
    client.receive(postOf(5, ["Expect: 100-continue"]));
    client.advance(59_000);
    assert.equal(client.sent, "");
    begin.resolve();
    await settled();
    assert.equal(client.sent, "HTTP/1.1 100 Continue\r\n\r\n");
    client.advance(29_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    assert.equal(client.responses()[0]?.status, 408);
  });

  test("that nobody reads has its time as a whole", () => {
    const { client, observer } = connect(hello);
    client.receive(postOf(1_000));
    assert.equal(client.responses()[0]?.status, 200);
    for (let seconds = 0; seconds < 30; seconds += 10) {
      assert.equal(client.ending, undefined);
      client.advance(10_000);
      client.receive("a");
    }
    assert.equal(client.ending, "fin");
    assert.deepEqual(observer.events, ["request", "response 200"]);
  });

  test("that is too slow beside a streamed answer cuts it off", async () => {
    async function* endless() {
      for (;;) {
        yield "a";
        client.fillUp();
      }
    }
    const { client, observer } = connect(() => new HttpResponse(endless()));
    client.receive(`${postOf(10)}123`);
    await settled();
    client.advance(30_000);
    assert.equal(client.ending, "reset");
    assert.equal(observer.events.at(-1), "abort /");
  });
});
