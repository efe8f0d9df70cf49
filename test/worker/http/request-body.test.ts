import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpError, RequestAborted } from "../../../src/worker/http/errors.ts";
import { HttpHeaders } from "../../../src/worker/http/headers.ts";
import {
  EMPTY_BODY,
  RequestBody,
} from "../../../src/worker/http/request-body.ts";

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

  it("has its trailers when it is whole", async () => {
    const body = new RequestBody();
    const trailers = new HttpHeaders({ Digest: "x" });
    assert.equal(body.trailers, undefined);
    body.push(Buffer.from("a"));
    body.end(trailers);
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

  it("can be read twice where it is empty", async () => {
    assert.deepEqual(await chunksOf(EMPTY_BODY), []);
    assert.deepEqual(await chunksOf(EMPTY_BODY), []);
    assert.equal(await EMPTY_BODY.text(), "");
  });
});

describe("a body that fails", () => {
  const gone = new RequestAborted("gone");

  it("rejects who waits for it", async () => {
    const body = new RequestBody();
    const text = body.text();
    body.push(Buffer.from("a"));
    body.fail(gone);
    await assert.rejects(text, gone);
    await assert.rejects(body.json(), gone);
  });

  it("rejects who comes later, and drops what it had", async () => {
    const body = new RequestBody();
    body.push(Buffer.from("a"));
    body.fail(gone);
    assert.equal(body.bufferedBytes, 0);
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

describe("a body that nobody wants", () => {
  it("drops what it has and what comes, and tells its source", () => {
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
});

describe("a body's form", () => {
  it("is refused with 400 where it is not JSON", async () => {
    for (const content of ["", "{", "undefined", "{'a':1}"]) {
      await assert.rejects(RequestBody.of(content).json(), isBadRequest);
    }
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
