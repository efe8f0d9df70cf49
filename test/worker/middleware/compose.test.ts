import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Handler, Middleware } from "../../../src/worker/http/handler.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import { compose } from "../../../src/worker/middleware/compose.ts";

const request = new HttpRequest();

/** Notes when the request comes by, and when the answer does. */
function noting(notes: string[], name: string): Middleware {
  return (request, next) => {
    notes.push(name);
    const answer = next(request);
    notes.push(`${name} after`);
    return answer;
  };
}

describe("middleware", () => {
  it("runs in its order around the handler", () => {
    const notes: string[] = [];
    const handler: Handler = () => {
      notes.push("handler");
      return ok();
    };
    compose([noting(notes, "a"), noting(notes, "b")], handler)(request);
    assert.deepEqual(notes, ["a", "b", "handler", "b after", "a after"]);
  });

  it("is nothing around a handler where there is none", () => {
    const handler: Handler = () => ok();
    assert.equal(compose([], handler), handler);
  });

  it("answers in the same tick where all of it does", () => {
    const answer = compose([(r, next) => next(r)], () => ok("now"))(request);
    assert.ok(answer instanceof HttpResponse);
  });

  it("may wait for the answer and change it", async () => {
    const stamping: Middleware = async (request, next) =>
      (await next(request)).with("X-Stamp", "1");
    const answer = await compose([stamping], () => ok())(request);
    assert.equal(answer.headers.get("x-stamp"), "1");
  });

  it("may answer by itself, and nothing inside it runs", () => {
    const handler: Handler = () => assert.fail("it ran");
    const answer = compose([() => ok("mine")], handler)(request);
    assert.ok(answer instanceof HttpResponse);
    assert.equal(answer.body, "mine");
  });

  it("may pass on another request", () => {
    const other = new HttpRequest({ target: "/other" });
    const handler: Handler = (request) => ok(request.path);
    const answer = compose([(_, next) => next(other)], handler)(request);
    assert.ok(answer instanceof HttpResponse);
    assert.equal(answer.body, "/other");
  });

  it("may catch what the handler throws", () => {
    const catching: Middleware = (request, next) => {
      try {
        return next(request);
      } catch (error) {
        return ok(String(error));
      }
    };
    const handler: Handler = () => {
      throw new Error("broken");
    };
    const answer = compose([catching], handler)(request);
    assert.ok(answer instanceof HttpResponse);
    assert.equal(answer.body, "Error: broken");
  });

  it("lets through what it does not catch", () => {
    const handler: Handler = () => {
      throw new Error("broken");
    };
    const composed = compose([(r, next) => next(r)], handler);
    assert.throws(() => composed(request), /broken/);
  });
});
