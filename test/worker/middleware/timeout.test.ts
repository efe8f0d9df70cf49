import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { setProcessLogger } from "../../../src/shared/logging/logger.ts";
import { App } from "../../../src/worker/app/app.ts";
import type { Handler } from "../../../src/worker/http/handler.ts";
import { RequestAborted } from "../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok, stream } from "../../../src/worker/http/response-helpers.ts";
import {
  type TimeoutOptions,
  timeout,
} from "../../../src/worker/middleware/timeout.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "../http1/test-connection.ts";
import { memoryLogger } from "../memory-logger.ts";

/** An app with one route, and a clock that goes on when told to. */
function serve(test: TestContext, handler: Handler, options?: TimeoutOptions) {
  test.mock.timers.enable({ apis: ["setTimeout"] });
  const app = new App();
  app.router.use(timeout(options ?? { timeoutMs: 100 }));
  app.get("/", handler).post("/", handler);
  app.onError((error, request) => {
    request.route = `${error}`;
    return undefined;
  });
  return { app, clock: test.mock.timers };
}

describe("timeout()", () => {
  it("answers 503 in time, and aborts the request's signal", async (test) => {
    const request = new HttpRequest();
    const never = deferred<HttpResponse>();
    const { app, clock } = serve(test, () => never.promise);
    const answer = app.handle(request);
    clock.tick(99);
    assert.equal(request.signal.aborted, false);
    clock.tick(1);
    assert.ok(request.signal.reason instanceof RequestAborted);
    const response = await answer;
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("Retry-After"), "1");
    const type = response.headers.get("Content-Type");
    assert.equal(type, "application/problem+json");
    // Error handlers have seen it as any other.
    assert.equal(request.route, "HttpError: the answer took too long");
  });

  it("answers 504 where another server is slow", async (test) => {
    const never = deferred<HttpResponse>();
    const options = { timeoutMs: 100, status: 504 } as const;
    const { app, clock } = serve(test, () => never.promise, options);
    const answer = app.handle(new HttpRequest());
    clock.tick(100);
    assert.equal((await answer).status, 504);
  });

  it("leaves alone what answers in time, now or later", async (test) => {
    const later = deferred<HttpResponse>();
    const answers = [ok("now"), later.promise];
    const handler = () => answers.shift() as HttpResponse;
    const { app, clock } = serve(test, handler);
    const request = new HttpRequest();
    const now = app.handle(request);
    assert.ok(now instanceof HttpResponse, "in the same tick");
    const answer = app.handle(request);
    clock.tick(99);
    later.resolve(ok("later"));
    assert.equal((await answer).body, "later");
    clock.tick(1000);
    assert.equal(request.signal.aborted, false);
  });

  it("lets go what comes too late, with its body", async (test) => {
    const late = deferred<HttpResponse>();
    const { app, clock } = serve(test, () => late.promise);
    const answer = app.handle(new HttpRequest());
    clock.tick(100);
    await answer;
    const body = Readable.from(["late"]);
    late.resolve(stream(body));
    await settled();
    assert.equal(body.destroyed, true);
  });

  it("has a failure that comes too late in the log", async (test) => {
    const { logger, lines } = memoryLogger();
    setProcessLogger(logger);
    const fail = async (error: Error) => {
      const late = deferred<HttpResponse>();
      const { app, clock } = serve(test, () => late.promise);
      const answer = app.handle(new HttpRequest());
      clock.tick(100);
      await answer;
      late.reject(error);
      await settled();
      test.mock.timers.reset();
    };
    await fail(new TypeError("broken"));
    await fail(new RequestAborted("gone"));
    await fail(new DOMException("gone", "AbortError"));
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ["GET / failed after its time"],
    );
  });

  it("lets the connection go on in order", async (test) => {
    const late = deferred<HttpResponse>();
    const { app, clock } = serve(test, ({ target }) => {
      return target === "/" ? late.promise : ok("next");
    });
    const { client } = connect((request) => app.handle(request));
    client.receive(requestOf("GET /") + requestOf("GET /?next"));
    clock.tick(100);
    await settled();
    late.resolve(ok("late"));
    await settled();
    const responses = client.responses();
    assert.deepEqual(
      responses.map(({ status }) => status),
      [503, 200],
    );
    assert.equal(responses[1]?.body.toString(), "next");
  });

  it("ends the wait for a body, too", async (test) => {
    let failure: unknown;
    const { app, clock } = serve(test, async (request) => {
      failure = await request.bytes().catch((error) => error);
      return ok();
    });
    const { client } = connect((request) => app.handle(request));
    client.receive(requestOf("POST /", ["Content-Length: 5"]));
    clock.tick(100);
    await settled();
    assert.ok(failure instanceof RequestAborted);
    assert.equal(client.responses()[0]?.status, 503);
  });

  const refused: [options: unknown, error: RegExp][] = [
    [{}, /timeout\(\) needs the option timeoutMs/],
    [{ timeoutMs: 0 }, /option timeoutMs .* must be a whole number from 1 to/],
    [{ timeoutMs: 5, status: 500 }, /option status .* must be 503 or 504/],
    [{ ms: 5 }, /timeout\(\) has no option "ms"/],
  ];
  for (const [options, error] of refused) {
    it(`is not made with ${JSON.stringify(options)}`, () => {
      assert.throws(() => timeout(options as TimeoutOptions), error);
    });
  }
});
