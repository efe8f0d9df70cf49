import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import {
  HttpResponse,
  type ResponseBody,
} from "../../../src/worker/http/http-response.ts";
import { text } from "../../../src/worker/http/response-helpers.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");

/** A body that tells how far it was read, and whether it was ended. */
class Source implements AsyncIterable<string> {
  readonly #pieces: readonly string[];
  given = 0;
  isEnded = false;

  constructor(pieces: readonly string[]) {
    this.#pieces = pieces;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    try {
      for (const piece of this.#pieces) {
        this.given++;
        yield piece;
      }
    } finally {
      this.isEnded = true;
    }
  }
}

const streaming = (body: ResponseBody) => () => new HttpResponse(body);

describe("a streamed answer", () => {
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
