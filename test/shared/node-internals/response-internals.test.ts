import assert from "node:assert/strict";
import { IncomingMessage, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import {
  contentLengthOf,
  detachFromSocket,
  divertedResponse,
  type GivenHeaders,
  keepsAlive,
  markClosed,
  markHeadSent,
  mayHaveContent,
  storeHead,
  trailerLinesOf,
} from "../../../src/shared/node-internals/response-internals.ts";

interface Diverted {
  readonly response: ServerResponse;
  /** What Node would have written, in order. */
  readonly written: string[];
}

function divert(method = "GET"): Diverted {
  const written: string[] = [];
  const socket = new Socket();
  const message = new IncomingMessage(socket);
  Object.assign(message, { method, httpVersionMajor: 1, httpVersionMinor: 1 });
  const response = divertedResponse(message, socket, {
    head(this: ServerResponse, statusLine: string, given: GivenHeaders) {
      const names = Object.keys({ ...(given as object), ...this.getHeaders() });
      written.push(`head ${statusLine.trimEnd()} ${names.join(" ")}`);
      storeHead(this, statusLine, undefined);
    },
    content(this: ServerResponse, data: string | Uint8Array) {
      markHeadSent(this);
      written.push(`content "${data}"`);
      return true;
    },
    interim(data: string) {
      written.push(`interim ${data.split("\r\n", 1)}`);
      return true;
    },
  });
  return { response, written };
}

describe("a ServerResponse whose writes are diverted", () => {
  it("gives its head, and then its content", () => {
    const { response, written } = divert();
    response.setHeader("A", "1");
    response.write("one");
    response.end("two");
    // Node 20 writes an empty piece at the end as well.
    const contents = written.filter((each) => each !== 'content ""');
    assert.deepEqual(contents, [
      "head HTTP/1.1 200 OK a",
      'content "one"',
      'content "two"',
    ]);
    assert.equal(response.headersSent, true);
    assert.equal(response.writableEnded, true);
  });

  it("gives what writeHead() was given", () => {
    const { response, written } = divert();
    response.writeHead(404, "Gone fishing", { b: "2" });
    response.end();
    const head = "head HTTP/1.1 404 Gone fishing b";
    assert.deepEqual(written, [head, 'content ""']);
  });

  it("gives interim responses", () => {
    const { response, written } = divert();
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.writeContinue();
    response.writeProcessing();
    assert.deepEqual(written, [
      "interim HTTP/1.1 103 Early Hints",
      "interim HTTP/1.1 100 Continue",
      "interim HTTP/1.1 102 Processing",
    ]);
  });

  it("writes nothing to its socket, and lets go of it", () => {
    const { response } = divert();
    const { socket } = response;
    response.end("content");
    assert.equal(socket?.bytesWritten, 0);
    assert.equal(socket?.writableLength, 0);
    detachFromSocket(response);
    assert.equal(response.socket, null);
    detachFromSocket(response);
  });

  it("knows the length of what end() was given", () => {
    const { response } = divert();
    assert.equal(contentLengthOf(response), 0);
    response.end("four");
    assert.equal(contentLengthOf(response), 4);
  });

  it("keeps a length that a field has said", () => {
    const { response } = divert();
    storeHead(response, "HTTP/1.1 200 OK\r\n", 7);
    assert.equal(contentLengthOf(response), 7);
    assert.equal(response.headersSent, true);
  });

  it("has the lines of its trailers", () => {
    const { response } = divert();
    assert.equal(trailerLinesOf(response), "");
    response.addTrailers({ "X-One": "1", "X-Two": "2" });
    assert.equal(trailerLinesOf(response), "X-One: 1\r\nX-Two: 2\r\n");
  });

  it("has no content for HEAD, and for 204 and 304", () => {
    assert.equal(mayHaveContent(divert().response), true);
    assert.equal(mayHaveContent(divert("HEAD").response), false);
    for (const status of [204, 304]) {
      const { response } = divert();
      response.writeHead(status);
      assert.equal(mayHaveContent(response), false);
    }
  });

  it("keeps the connection until the app says otherwise", () => {
    const { response } = divert();
    assert.equal(keepsAlive(response), true);
    response.shouldKeepAlive = false;
    assert.equal(keepsAlive(response), false);
  });

  it("is closed once", () => {
    const { response } = divert();
    assert.equal(response.closed, false);
    assert.equal(markClosed(response), true);
    assert.equal(response.closed, true);
    assert.equal(response.destroyed, true);
    assert.equal(markClosed(response), false);
  });
});
