import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { setProcessLogger } from "../../../src/shared/logging/logger.ts";
import { App } from "../../../src/worker/app/app.ts";
import { HttpError } from "../../../src/worker/http/http-error.ts";
import {
  HttpRequest,
  type HttpRequestInit,
} from "../../../src/worker/http/http-request.ts";
import type { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import { type LogLine, memoryLogger } from "../memory-logger.ts";

let log: LogLine[] = [];

beforeEach(() => {
  const { logger, lines } = memoryLogger();
  setProcessLogger(logger);
  log = lines;
});

async function exchange(app: App, init: HttpRequestInit) {
  const request = new HttpRequest(init);
  const answer = await app.handle(request);
  return { request, answer };
}

function errorMessage(line: LogLine): string {
  const { message } = line.err as { message: string };
  return message;
}

describe("a request that no route takes", () => {
  const app = new App()
    .get("/users/:id", () => ok("user"))
    .put("/users/:id", () => ok());

  it("gets 404 where the path is none", async () => {
    const { request, answer } = await exchange(app, { target: "/none" });
    assert.equal(answer.status, 404);
    assert.equal(
      answer.headers.get("content-type"),
      "application/problem+json",
    );
    assert.equal(request.route, undefined);
  });

  it("gets 405 and Allow where only the method is wrong", async () => {
    const init = { method: "POST", target: "/users/7" };
    const { request, answer } = await exchange(app, init);
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get("allow"), "GET, HEAD, PUT, OPTIONS");
    assert.equal(request.route, "/users/:id");
  });

  it("gets 501 for a method that no route has", async () => {
    for (const method of ["BREW", "CONNECT", "get"]) {
      const init = { method, target: "/users/7" };
      const { answer } = await exchange(app, init);
      assert.equal(answer.status, 501);
    }
  });

  it("gets 400 for a path with dot segments or bad escapes", async () => {
    for (const target of ["/users/../x", "/users/%2e%2E", "/users/%ff"]) {
      const { answer } = await exchange(app, { target });
      assert.equal(answer.status, 400);
    }
    assert.deepEqual(log, []);
  });

  it("gets 204 and Allow for OPTIONS (RFC 9110 §9.3.7)", async () => {
    const init = { method: "OPTIONS", target: "/users/7" };
    const { request, answer } = await exchange(app, init);
    assert.equal(answer.status, 204);
    assert.equal(answer.body, null);
    assert.equal(answer.headers.get("allow"), "GET, HEAD, PUT, OPTIONS");
    assert.equal(request.route, "/users/:id");
  });

  it("gets all methods for OPTIONS *", async () => {
    const init = { method: "OPTIONS", target: "*" };
    const { request, answer } = await exchange(app, init);
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get("allow"), "GET, HEAD, PUT, OPTIONS");
    assert.equal(request.route, undefined);
  });

  it("gets 404 for OPTIONS of a path that is none", async () => {
    const init = { method: "OPTIONS", target: "/none" };
    assert.equal((await exchange(app, init)).answer.status, 404);
  });
});

describe("a request that a route takes", () => {
  const app = new App()
    .get("/users/:id", (request) => ok(request.method))
    .options("/cors", () => ok("own"));

  it("knows its route's pattern and its parameters", async () => {
    const { request } = await exchange(app, { target: "/users/a%20b?x=1" });
    assert.equal(request.route, "/users/:id");
    assert.equal(request.pathParams.id, "a b");
  });

  it("may be HEAD to a GET route, and knows it", async () => {
    const init = { method: "HEAD", target: "/users/7" };
    const { request, answer } = await exchange(app, init);
    assert.equal(answer.body, "HEAD");
    assert.equal(request.route, "/users/:id");
  });

  it("may be OPTIONS with a route of its own", async () => {
    const init = { method: "OPTIONS", target: "/cors" };
    const { answer } = await exchange(app, init);
    assert.equal(answer.body, "own");
  });
});

describe("a handler that returns no response", () => {
  class User {}
  const wrong = [
    [undefined, 'returned undefined, .* is a "return" missing'],
    [null, "returned null"],
    ["text", "returned a value of type string, .* ok\\(value\\)"],
    [{ a: 1 }, "returned a value of type Object"],
    [new User(), "returned a value of type User"],
    [Object.create(null), "returned a value of type object"],
  ] as const;
  for (const [value, message] of wrong) {
    it(`answers 500, the log ${message}`, async () => {
      for (const answer of [value, Promise.resolve(value)]) {
        const app = new App().get("/a/:b", () => answer as HttpResponse);
        const { answer: got } = await exchange(app, { target: "/a/1" });
        assert.equal(got.status, 500);
      }
      assert.equal(log.length, 2);
      for (const line of log) {
        assert.match(errorMessage(line), new RegExp(`^GET /a/:b ${message}`));
      }
    });
  }

  it("says so also where middleware would trip over it", async () => {
    for (const answer of [undefined, Promise.resolve(undefined)]) {
      const handler = () => answer as unknown as HttpResponse;
      const app = new App();
      app.router
        .use(async (request, next) => (await next(request)).with("X", "1"))
        .get("/", handler);
      assert.equal((await exchange(app, {})).answer.status, 500);
    }
    assert.equal(log.length, 2);
    for (const line of log)
      assert.match(errorMessage(line), /^GET \/ returned/);
  });

  it("may return a promise of another realm", async () => {
    const ForeignPromise = runInNewContext("Promise") as PromiseConstructor;
    assert.notEqual(ForeignPromise, Promise);
    const app = new App().get("/", () => ForeignPromise.resolve(ok("later")));
    assert.equal((await exchange(app, {})).answer.body, "later");
  });
});

describe("middleware of the app", () => {
  it("sees a response for what a handler throws", async () => {
    const seen: number[] = [];
    const app = new App()
      .get("/", () => {
        throw new HttpError(409);
      })
      .use(async (request, next) => {
        const response = await next(request);
        seen.push(response.status);
        return response;
      });
    await exchange(app, {});
    assert.deepEqual(seen, [409]);
  });

  it("sees a response for what middleware inside of it throws", async () => {
    const seen: number[] = [];
    const app = new App().use(
      async (request, next) => {
        const response = await next(request);
        seen.push(response.status);
        return response.with("X-Seen", "yes");
      },
      () => {
        throw new HttpError(429);
      },
    );
    const { answer } = await exchange(app, {});
    assert.deepEqual(seen, [429]);
    assert.equal(answer.headers.get("X-Seen"), "yes");
  });

  it("of the router sees the exception, and may make it an answer", async () => {
    const app = new App().get("/", () => {
      throw new RangeError("too much");
    });
    app.router.use((request, next) => {
      try {
        return next(request);
      } catch (error) {
        assert.ok(error instanceof RangeError);
        throw new HttpError(422, error.message);
      }
    });
    assert.equal((await exchange(app, {})).answer.status, 422);
  });

  it("that throws, rejects or forgets to return answers 500", async () => {
    const broken = [
      () => {
        throw new Error("broken");
      },
      async () => {
        throw new Error("broken");
      },
      () => undefined as unknown as HttpResponse,
    ];
    for (const middleware of broken) {
      const app = new App().get("/", () => ok()).use(middleware);
      assert.equal((await exchange(app, {})).answer.status, 500);
    }
    assert.equal(log.length, 3);
  });
});
