import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import type { HttpRequest } from "../../../src/worker/http/request.ts";
import {
  HttpResponse,
  type ResponseBody,
} from "../../../src/worker/http/response.ts";
import { text } from "../../../src/worker/http/responses.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");

/** A body that tells how far it was read, and whether it was ended. */
class Source implements AsyncIterable<string> {
  readonly #pieces: readonly string[];
  readonly #failure: Error | undefined;
  given = 0;
  isEnded = false;

  constructor(pieces: readonly string[], failure?: Error) {
    this.#pieces = pieces;
    this.#failure = failure;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    try {
      for (const piece of this.#pieces) {
        this.given++;
        yield piece;
      }
      if (this.#failure) throw this.#failure;
    } finally {
      this.isEnded = true;
    }
  }
}

const streaming = (body: ResponseBody, length?: number) => {
  const headers = length === undefined ? {} : { "Content-Length": length };
  return () => new HttpResponse(body, { headers });
};

describe("a streamed answer", () => {
  test("§7.1 goes in chunks, and the next request follows", async () => {
    const source = new Source(["hello", " ", "wörld"]);
    const { client, observer } = connect(streaming(source));
    client.receive(GET);
    await settled();
    const [response] = client.responses();
    assert.equal(response?.headers["transfer-encoding"], "chunked");
    assert.equal(response?.headers["content-length"], undefined);
    assert.equal(response?.body.toString(), "hello wörld");
    assert.equal(observer.exchanges[0]?.responseBodyBytes, 12);
    assert.equal(client.ending, undefined);
  });

  test("§7.1 has no empty chunk before its end", async () => {
    const source = new Source(["", "a", "", "b", ""]);
    const { client } = connect(streaming(source));
    client.receive(GET + GET);
    await settled();
    const bodies = client.responses().map(({ body }) => body.toString());
    assert.deepEqual(bodies, ["ab", "ab"]);
  });

  test("§7.1 may be empty", async () => {
    const { client } = connect(streaming(new Source([])));
    client.receive(GET);
    await settled();
    assert.equal(client.responses()[0]?.body.length, 0);
  });

  test("§6.2 of a declared length goes as it is", async () => {
    const source = new Source(["hel", "lo"]);
    const { client } = connect(streaming(source, 5));
    client.receive(GET + GET);
    await settled();
    const [response, next] = client.responses();
    assert.equal(response?.headers["content-length"], "5");
    assert.equal(response?.headers["transfer-encoding"], undefined);
    assert.equal(response?.body.toString(), "hello");
    assert.equal(next?.body.toString(), "hello");
  });

  test("§9.3.2 holds the pipeline, and is not mixed with it", async () => {
    const gate = deferred();
    async function* slow() {
      yield "a";
      await gate.promise;
      yield "b";
    }
    const { client } = connect(({ target }) => {
      return target === "/" ? new HttpResponse(slow()) : text(target);
    });
    client.receive(GET + requestOf("GET /2"));
    await settled();
    client.receive(requestOf("GET /3"));
    assert.ok(!client.sent.includes("/2"));
    gate.resolve();
    await settled();
    const bodies = client.responses().map(({ body }) => body.toString());
    assert.deepEqual(bodies, ["ab", "/2", "/3"]);
  });

  const kinds: [what: string, make: () => ResponseBody][] = [
    ["a Readable", () => Readable.from(["a", "b"])],
    ["a Readable of bytes", () => Readable.from([Buffer.from("ab")])],
    ["a web stream", () => new Blob(["ab"]).stream()],
  ];
  for (const [what, make] of kinds) {
    test(`may come from ${what}`, async () => {
      const { client } = connect(() => new HttpResponse(make()));
      client.receive(GET);
      for (let turns = 0; turns < 10; turns++) await settled();
      assert.equal(client.responses()[0]?.body.toString(), "ab");
    });
  }
});

describe("a streamed answer that goes wrong", () => {
  async function failing(source: Source, length?: number, request = GET) {
    const made = connect(streaming(source, length));
    made.client.receive(request + GET);
    await settled();
    return made;
  }

  test("§8 ends the connection: half of it must not look whole", async () => {
    const source = new Source(["a"], new Error("disk gone"));
    const { client, observer } = await failing(source);
    assert.equal(client.ending, "reset");
    assert.ok(!client.sent.includes("0\r\n\r\n"));
    assert.deepEqual(observer.events, [
      "request",
      "response error: disk gone",
      "abort /",
    ]);
  });

  test("§8 in 1.0 is no orderly end either", async () => {
    const source = new Source(["a"], new Error("disk gone"));
    const request = "GET / HTTP/1.0\r\n\r\n";
    const { client } = await failing(source, undefined, request);
    assert.equal(client.ending, "reset");
  });

  test("RFC 9110 §8.6 is shorter than declared", async () => {
    const source = new Source(["abc"]);
    const { client, observer } = await failing(source, 5);
    assert.equal(client.ending, "reset");
    assert.match(observer.events[1] ?? "", /declared to have 5 bytes had 3/);
  });

  test("RFC 9110 §8.6 is longer than declared: no byte too many", async () => {
    const source = new Source(["abc", "def", "ghi"]);
    const { client, observer } = await failing(source, 5);
    assert.equal(client.ending, "reset");
    assert.ok(client.sent.endsWith("\r\n\r\nabc"));
    assert.equal(source.given, 2);
    assert.equal(source.isEnded, true);
    assert.match(observer.events[1] ?? "", /declared to have 5 bytes had more/);
  });

  test("is neither text nor bytes", async () => {
    async function* wrong() {
      yield 42 as unknown as string;
    }
    const { client, observer } = connect(streaming(wrong()));
    client.receive(GET);
    await settled();
    assert.equal(client.ending, "reset");
    assert.match(observer.events[1] ?? "", /text or bytes, not number/);
  });

  test("before it began gets 500", () => {
    const headers = { "Transfer-Encoding": "gzip" };
    const answer = () => new HttpResponse("x", { headers });
    const { client, observer } = connect(answer);
    client.receive(GET + GET);
    const statuses = client.responses().map(({ status }) => status);
    assert.deepEqual(statuses, [500, 500]);
    assert.match(observer.events[1] ?? "", /^response error: Transfer-/);
    assert.equal(observer.events[2], "response 500");
  });

  test("RFC 9110 §8.6 as text unlike its declared length gets 500", () => {
    const { client } = connect(streaming("four", 5));
    client.receive(GET + GET);
    const statuses = client.responses().map(({ status }) => status);
    assert.deepEqual(statuses, [500, 500]);
  });
});

describe("a streamed answer and a slow client", () => {
  test("waits for room", async () => {
    const source = new Source(["a", "b", "c"]);
    const { client } = connect(streaming(source));
    client.fillUp();
    client.drain();
    client.receive(GET.slice(0, -1));
    client.receive("\n");
    client.fillUp();
    await settled();
    assert.equal(source.given, 1);
    client.drain();
    await settled();
    assert.equal(source.given, 3);
    assert.equal(client.responses()[0]?.body.toString(), "abc");
  });

  test("waits for room before each piece", async () => {
    const source = new Source(["a", "b", "c"]);
    const { client } = connect(streaming(source));
    client.receive(GET);
    for (const given of [1, 2, 3]) {
      client.fillUp();
      await settled();
      assert.equal(source.given, given);
      client.drain();
    }
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "abc");
  });

  test("gives up waiting when the client leaves", async () => {
    const source = new Source(["a", "b", "c"]);
    let signal: AbortSignal | undefined;
    const { client, observer } = connect((request) => {
      signal = request.signal;
      return new HttpResponse(source);
    });
    client.receive(GET);
    client.fillUp();
    await settled();
    client.leave(new Error("reset by peer"));
    await settled();
    assert.equal(source.isEnded, true);
    assert.equal(source.given, 1);
    assert.equal(signal?.aborted, true);
    assert.deepEqual(observer.events, ["request", "abort /"]);
  });

  test("ends a silent source when the client leaves", async () => {
    const readable = new Readable({ read() {} });
    const { client } = connect(streaming(readable));
    client.receive(GET);
    await settled();
    client.leave();
    await settled();
    assert.equal(readable.destroyed, true);
  });

  test("cancels a silent web stream when the client leaves", async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      cancel: () => {
        isCancelled = true;
      },
    });
    const { client } = connect(streaming(body));
    client.receive(GET);
    await settled();
    client.leave();
    await settled();
    assert.equal(isCancelled, true);
  });
});

describe("a stream of which nothing is sent", () => {
  const none: [what: string, request: string, status: number][] = [
    ["RFC 9110 §9.3.2 to HEAD", requestOf("HEAD /"), 200],
    ["RFC 9110 §15.3.5 as 204", GET, 204],
    ["RFC 9110 §15.4.5 as 304", GET, 304],
  ];
  for (const [what, request, status] of none) {
    test(`${what} is ended unread`, async () => {
      const readable = new Readable({ read() {} });
      const { client } = connect(() => new HttpResponse(readable, { status }));
      client.receive(request + request);
      await settled();
      const methods = request.startsWith("HEAD") ? ["HEAD", "HEAD"] : [];
      const [response, next] = client.responses(...methods);
      assert.equal(response?.status, status);
      assert.equal(next?.status, status);
      assert.equal(readable.destroyed, true);
    });
  }

  test("RFC 9110 §9.3.2 to HEAD has the fields of GET", async () => {
    const { client } = connect(streaming(new Source(["a"])));
    client.receive(requestOf("HEAD /"));
    await settled();
    const [response] = client.responses("HEAD");
    assert.equal(response?.headers["transfer-encoding"], "chunked");
  });
});

describe("a handler that answers after its client has left", () => {
  test("is not heard, and its stream is ended", async () => {
    const readable = new Readable({ read() {} });
    const answer = deferred<HttpResponse>();
    let request: HttpRequest | undefined;
    const { client, observer } = connect((asked) => {
      request = asked;
      return answer.promise;
    });
    client.receive(GET);
    client.leave();
    assert.equal(request?.signal.aborted, true);
    answer.resolve(new HttpResponse(readable));
    await settled();
    assert.equal(client.sent, "");
    assert.equal(readable.destroyed, true);
    assert.deepEqual(observer.events, ["request", "abort /"]);
  });

  test("can see that it has, before and after", async () => {
    const answer = deferred<HttpResponse>();
    const signals: AbortSignal[] = [];
    const { client } = connect((request) => {
      signals.push(request.signal);
      return answer.promise;
    });
    client.receive(GET);
    assert.equal(signals[0]?.aborted, false);
    client.leave(new Error("read ECONNRESET"));
    assert.match(String(signals[0]?.reason), /RequestAborted.*ECONNRESET/);
  });

  test("has no successors that were pipelined", async () => {
    const answer = deferred<HttpResponse>();
    let handled = 0;
    const { client } = connect(() => {
      handled++;
      return answer.promise;
    });
    client.receive(GET + GET);
    client.leave();
    answer.resolve(text("late"));
    await settled();
    assert.equal(handled, 1);
  });
});

describe("an exchange", () => {
  test("is told with its times, sizes and status", async () => {
    const answer = deferred<HttpResponse>();
    const { client, clock, observer } = connect(() => answer.promise);
    client.receive(requestOf("POST /a", [], "body"));
    clock.advance(1_500);
    answer.resolve(text("hé", 201));
    await settled();
    const [exchange] = observer.exchanges;
    assert.equal(exchange?.request.target, "/a");
    assert.equal(exchange?.request.remoteAddress, "192.0.2.7");
    assert.equal(exchange?.status, 201);
    assert.equal(exchange?.seconds, 1.5);
    assert.equal(exchange?.requestBodyBytes, 4);
    assert.equal(exchange?.responseBodyBytes, 3);
  });

  test("to HEAD has no bytes of content", () => {
    const { client, observer } = connect(() => text("hello"));
    client.receive(requestOf("HEAD /"));
    assert.equal(observer.exchanges[0]?.responseBodyBytes, 0);
  });
});
