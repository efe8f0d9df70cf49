import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  EMPTY_BODY,
  RequestBody,
} from "../../../../src/worker/http/body/request-body.ts";
import { HttpHeaders } from "../../../../src/worker/http/fields/http-headers.ts";
import {
  HttpError,
  RequestAborted,
} from "../../../../src/worker/http/http-error.ts";

function countingSource() {
  return {
    reads: 0,
    onBodyRead() {
      this.reads++;
    },
  };
}

async function chunksOf(body: RequestBody): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of body) chunks.push(chunk.toString());
  return chunks;
}

function isBadRequest(error: unknown): boolean {
  return error instanceof HttpError && error.status === 400;
}

describe("a body that arrives", () => {
  it("gives its chunks in order, waiting for those to come", async () => {
    const body = new RequestBody();
    body.push(Buffer.from("a"));
    const chunks = chunksOf(body);
    body.push(Buffer.from("b"));
    await Promise.resolve();
    body.push(Buffer.from("c"));
    body.end();
    assert.deepEqual(await chunks, ["a", "b", "c"]);
  });

  it("is whole with bytes(), text() and json(), again and again", async () => {
    const body = new RequestBody();
    const [bytes, text, json] = [body.bytes(), body.text(), body.json()];
    body.push(Buffer.from('{"a":'));
    body.push(Buffer.from('"é"}'));
    body.end();
    assert.equal((await bytes).toString(), '{"a":"é"}');
    assert.equal(await text, '{"a":"é"}');
    assert.deepEqual(await json, { a: "é" });
    assert.deepEqual(await body.json(), { a: "é" });
    assert.deepEqual(await chunksOf(body), ['{"a":"é"}']);
    assert.deepEqual(await chunksOf(body), ['{"a":"é"}']);
  });

  it("is copied from bytes that are valid only for the call", async () => {
    const [waiting, gathered] = [new RequestBody(), new RequestBody()];
    const bytes = gathered.bytes();
    const chunk = Buffer.from("abc");
    waiting.push(chunk);
    gathered.push(chunk);
    chunk.fill(0);
    waiting.end();
    gathered.end();
    assert.equal(await waiting.text(), "abc");
    assert.equal((await bytes).toString(), "abc");
  });

  it("that was whole at once may be read again in any way", async () => {
    const body = RequestBody.of("[1]");
    assert.deepEqual(await body.json(), [1]);
    assert.equal(await body.text(), "[1]");
    assert.deepEqual(await chunksOf(body), ["[1]"]);
    assert.equal(await body.bytes(), await body.bytes());
  });

  it("costs no more where it comes byte by byte", async () => {
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i));
    const reader = new RequestBody();
    const bytes = reader.bytes();
    const waiting = new RequestBody();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < sent.length; at++) {
      waiting.push(Buffer.from(sent.subarray(at, at + 1)));
      reader.push(Buffer.from(sent.subarray(at, at + 1)));
      if (at % 100 === 0) await Promise.resolve();
    }
    reader.end();
    waiting.end();
    assert.ok(sent.equals(await bytes));
    assert.ok(sent.equals(await waiting.bytes()));
    // A Buffer for each byte would be some 60 MB.
    const grownBytes = process.memoryUsage().heapUsed - before;
    assert.ok(grownBytes < 30_000_000, `${grownBytes}`);
  });

  it("says how much is buffered, and whether its reader waits", async () => {
    const body = new RequestBody();
    assert.equal(body.isRead, false);
    body.push(Buffer.from("abc"));
    body.push(Buffer.from("de"));
    assert.equal(body.bufferedBytes, 5);
    const reader = body[Symbol.asyncIterator]();
    assert.equal(body.isRead, true);
    await reader.next();
    assert.equal(body.bufferedBytes, 2);
    assert.equal(body.isStarving, false);
    await reader.next();
    const last = reader.next();
    assert.equal(body.isStarving, true);
    body.end();
    assert.equal(body.isStarving, false);
    assert.deepEqual(await last, { done: true, value: undefined });
  });

  it("tells its source of each read, and of none before", async () => {
    const source = countingSource();
    const body = new RequestBody(source);
    body.push(Buffer.from("a"));
    assert.equal(source.reads, 0);
    const reader = body[Symbol.asyncIterator]();
    assert.equal(source.reads, 0);
    await reader.next();
    assert.equal(source.reads, 1);
    const waiting = reader.next();
    assert.equal(source.reads, 2);
    body.push(Buffer.from("b"));
    await waiting;
  });

  it("RFC 9110 §6.5 has its trailers when it has been read", async () => {
    const body = new RequestBody();
    const trailers = new HttpHeaders({ Digest: "x" });
    assert.equal(body.trailers, undefined);
    body.push(Buffer.from("a"));
    body.end(trailers);
    assert.equal(body.trailers, undefined);
    for await (const _ of body);
    assert.equal(body.trailers, trailers);
  });

  it("RFC 9110 §6.5 has its trailers too where it is empty", async () => {
    const body = new RequestBody();
    const trailers = new HttpHeaders({ Digest: "x" });
    body.end(trailers);
    assert.equal(body.trailers, undefined);
    await body.bytes();
    assert.equal(body.trailers, trailers);
  });

  it("ignores what comes after its end", async () => {
    const body = new RequestBody();
    body.push(Buffer.from("a"));
    body.end();
    body.push(Buffer.from("b"));
    body.end(new HttpHeaders());
    body.fail(new Error("late"));
    assert.equal(await body.text(), "a");
    assert.equal(body.trailers, undefined);
  });

  it("is not read twice in chunks", async () => {
    const body = RequestBody.of("abc");
    await chunksOf(body);
    await assert.rejects(chunksOf(body), /has been read already/);
    await assert.rejects(body.bytes(), /has been read already/);
  });

  it("is not whole once chunks have been taken", async () => {
    const body = RequestBody.of("abc");
    for await (const _ of body) break;
    await assert.rejects(body.bytes(), /has been read already/);
    await assert.rejects(body.text(), /has been read already/);
    await assert.rejects(body.json(), /has been read already/);
  });

  it("has one reader, also before anything has come", async () => {
    const body = new RequestBody();
    const chunks = chunksOf(body);
    await assert.rejects(chunksOf(body), /has been read already/);
    await assert.rejects(body.bytes(), /has been read already/);
    body.push(Buffer.from("a"));
    body.end();
    assert.deepEqual(await chunks, ["a"]);
  });

  it("gives one chunk at a time", async () => {
    const body = new RequestBody();
    const reader = body[Symbol.asyncIterator]();
    const first = reader.next();
    await assert.rejects(reader.next(), /has not come yet/);
    body.push(Buffer.from("a"));
    assert.equal((await first).value?.toString(), "a");
  });

  it("can be read twice where it is empty", async () => {
    assert.deepEqual(await chunksOf(EMPTY_BODY), []);
    assert.deepEqual(await chunksOf(EMPTY_BODY), []);
    assert.equal(await EMPTY_BODY.text(), "");
    assert.equal(EMPTY_BODY.isRead, false, "it is that of many requests");
  });
});

describe("a body that fails", () => {
  const gone = new RequestAborted("gone");

  it("rejects a waiting reader", async () => {
    const body = new RequestBody();
    const text = body.text();
    body.push(Buffer.from("a"));
    body.fail(gone);
    await assert.rejects(text, gone);
    await assert.rejects(body.json(), gone);
  });

  it("rejects a later reader, and drops its chunks", async () => {
    const body = new RequestBody();
    body.push(Buffer.from("a"));
    body.fail(gone);
    assert.equal(body.bufferedBytes, 0);
    await assert.rejects(body.bytes(), gone);
    await assert.rejects(body.bytes(), gone);
    await assert.rejects(chunksOf(body), gone);
  });

  it("says so also where chunks of it were taken", async () => {
    const body = new RequestBody();
    body.push(Buffer.from("a"));
    await body[Symbol.asyncIterator]().next();
    body.fail(gone);
    await assert.rejects(body.bytes(), gone);
  });

  it("fails once: the first reason counts", async () => {
    const body = new RequestBody();
    body.fail(gone);
    body.fail(new Error("second"));
    body.end();
    body.push(Buffer.from("a"));
    await assert.rejects(body.bytes(), gone);
  });
});

describe("a body that is discarded", () => {
  it("drops present and later chunks, and notifies its source", () => {
    const source = countingSource();
    const body = new RequestBody(source);
    body.push(Buffer.from("a"));
    body.discard();
    assert.equal(source.reads, 1);
    body.push(Buffer.from("b"));
    assert.equal(body.bufferedBytes, 0);
  });

  it("is one whose reader breaks off", async () => {
    const source = countingSource();
    const body = new RequestBody(source);
    body.push(Buffer.from("a"));
    body.push(Buffer.from("b"));
    for await (const chunk of body) {
      assert.equal(chunk.toString(), "a");
      break;
    }
    assert.equal(body.bufferedBytes, 0);
    assert.equal(source.reads, 2);
  });

  it("ends the waiting of its reader", async () => {
    const body = new RequestBody();
    const chunks = chunksOf(body);
    body.discard();
    assert.deepEqual(await chunks, []);
  });

  it("is not taken for an empty one", async () => {
    const body = new RequestBody();
    body.discard();
    await assert.rejects(body.bytes(), /has been read already/);
  });
});

describe("a body's form", () => {
  it("is refused with 400 where it is not JSON", async () => {
    for (const content of ["", "{", "undefined", "{'a':1}"]) {
      await assert.rejects(RequestBody.of(content).json(), isBadRequest);
    }
  });

  it("is said to be empty where it should be JSON", async () => {
    await assert.rejects(EMPTY_BODY.json(), /the body is empty, not JSON/);
  });

  it("is JSON of the type that is expected, in words only", async () => {
    const user = await RequestBody.of('{"name":7}').json<{ name: string }>();
    assert.equal(user.name, 7 as unknown as string);
  });

  it("RFC 8259 §8.1 may begin with a byte order mark", async () => {
    const body = RequestBody.of('\ufeff{"a":1}');
    assert.deepEqual(await body.json(), { a: 1 });
    assert.equal(await body.text(), '{"a":1}');
    assert.equal((await body.bytes()).length, 10);
  });

  it("is refused with 400 where it is not UTF-8", async () => {
    const content = Buffer.from([0x22, 0xff, 0x22]);
    await assert.rejects(RequestBody.of(content).text(), isBadRequest);
    await assert.rejects(RequestBody.of(content).json(), isBadRequest);
    assert.deepEqual(await RequestBody.of(content).bytes(), content);
  });

  it("may have a __proto__ in its JSON, which is an ordinary name", async () => {
    const value = await RequestBody.of('{"__proto__":{"a":1}}').json();
    assert.ok(typeof value === "object" && value !== null);
    assert.equal("a" in value, false);
  });

  it("may be split inside a character", async () => {
    const body = new RequestBody();
    const [first, second] = [Buffer.from([0xc3]), Buffer.from([0xa9])];
    body.push(first);
    body.push(second);
    body.end();
    assert.equal(await body.text(), "é");
  });
});
