import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { incomingMessage } from "../../../src/worker/adapters/incoming-message.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";

const socket = new PassThrough();

describe("a request as packages for node:http see it", () => {
  test("has method, url, version and socket", () => {
    const request = new HttpRequest({ method: "POST", target: "/a?b" });
    const message = incomingMessage(request, socket);
    const { method, url, httpVersion, httpVersionMinor } = message;
    assert.deepEqual([method, url], ["POST", "/a?b"]);
    assert.deepEqual([httpVersion, httpVersionMinor], ["1.1", 1]);
    assert.equal(message.socket, socket);
  });

  test("is known by its class, and as one that upgrades", () => {
    const message = incomingMessage(new HttpRequest({}), socket);
    assert.equal(message.constructor, IncomingMessage);
    assert.equal(Reflect.get(message, "upgrade"), true);
  });

  test("has its fields by name in lower case, and as they came", () => {
    const pairs = [
      ["Accept", "a"],
      ["COOKIE", "x=1"],
      ["accept", "b"],
      ["Cookie", "y=2"],
      ["User-Agent", "first"],
      ["User-Agent", "second"],
      ["Set-Cookie", "s"],
    ] as const;
    const request = new HttpRequest({ headers: pairs });
    const { headers, rawHeaders } = incomingMessage(request, socket);
    assert.deepEqual(
      { ...headers },
      {
        accept: "a, b",
        cookie: "x=1; y=2",
        "user-agent": "first",
        "set-cookie": ["s"],
      },
    );
    assert.deepEqual(rawHeaders, pairs.flat());
  });

  test("takes any name of a field, as Node does", () => {
    const request = new HttpRequest({ headers: [["__proto__", "x"]] });
    const message = incomingMessage(request, socket);
    assert.equal(Object.getPrototypeOf(message.headers), Object.prototype);
    assert.deepEqual(Object.keys(message.headersDistinct), ["__proto__"]);
  });

  test("is a stream that has ended", async () => {
    const message = incomingMessage(new HttpRequest(), socket);
    assert.ok(message instanceof IncomingMessage);
    assert.equal(message.complete, true);
    for await (const _ of message) assert.fail("no bytes are in it");
  });
});
