import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { StickySessions } from "../../../src/worker/sticky/sticky-sessions.ts";
import { deferred } from "../../support/deferred.ts";

const FIELD = { part: "query", name: "sid" } as const;
const HANDSHAKE = new HttpResponse('0{"sid":"abc"}');

function requestFor(target: string): HttpRequest {
  return new HttpRequest({ target });
}

describe("a response that begins a session", () => {
  test("waits until the master has been told", async () => {
    const told: string[] = [];
    const { promise, resolve } = deferred<void>();
    const sessions = new StickySessions((session) => {
      told.push(session);
      return promise;
    });
    const handler = sessions.around(() => HANDSHAKE, FIELD);
    let response: HttpResponse | undefined;
    const sent = Promise.resolve(handler(requestFor("/"))).then((ready) => {
      response = ready;
    });
    await new Promise(setImmediate);
    assert.deepEqual(told, ["abc"]);
    assert.equal(response, undefined);
    resolve();
    await sent;
    assert.equal(response, HANDSHAKE);
  });
});

describe("a response with the cookie of the worker", () => {
  test("has it once, also if an app returns it again", async () => {
    const sessions = new StickySessions(async () => {});
    const response = new HttpResponse("hello");
    const field = { part: "cookie", name: "worker" } as const;
    const handler = sessions.around(() => response, field);
    for (const _ of [1, 2, 3]) await handler(requestFor("/"));
    assert.equal(response.headers.getAll("Set-Cookie").length, 1);
  });
});

describe("any other response", () => {
  test("is there at once", () => {
    const sessions = new StickySessions(() => assert.fail("told"));
    const plain = new HttpResponse("hello");
    const handler = sessions.around(({ target }) => {
      return target === "/plain" ? plain : HANDSHAKE;
    }, FIELD);
    assert.equal(handler(requestFor("/plain")), plain);
    assert.equal(handler(requestFor("/?sid=abc")), HANDSHAKE);
  });
});
