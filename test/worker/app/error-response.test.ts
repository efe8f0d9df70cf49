import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { setProcessLogger } from "../../../src/shared/logging/logger.ts";
import { App } from "../../../src/worker/app/app.ts";
import {
  HttpError,
  RequestAborted,
} from "../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { type LogLine, memoryLogger } from "../memory-logger.ts";

let log: LogLine[] = [];

beforeEach(() => {
  const { logger, lines } = memoryLogger();
  setProcessLogger(logger);
  log = lines;
});

const thrown = {
  "/throws": (error: unknown) => () => {
    throw error;
  },
  "/rejects": (error: unknown) => async () => {
    throw error;
  },
};

for (const [path, handlerOf] of Object.entries(thrown)) {
  describe(`a handler that ${path.slice(1)}`, () => {
    const failing = async (error: unknown) => {
      const app = new App().get("/users/:id", handlerOf(error));
      const target = "/users/7";
      return app.handle(new HttpRequest({ target }));
    };

    it("an HttpError answers with its status and message", async () => {
      const answer = await failing(new HttpError(409, "it is taken"));
      assert.equal(answer.status, 409);
      assert.equal(
        answer.headers.get("content-type"),
        "application/problem+json",
      );
      assert.deepEqual(JSON.parse(String(answer.body)), {
        title: "Conflict",
        status: 409,
        detail: "it is taken",
      });
      assert.deepEqual(log, []);
    });

    it("an HttpError with fields answers with them", async () => {
      const headers = { "WWW-Authenticate": ["Bearer", 'Basic realm="x"'] };
      const error = new HttpError(401, "who?", { headers });
      const answer = await failing(error);
      assert.deepEqual(answer.headers.getAll("WWW-Authenticate"), [
        "Bearer",
        'Basic realm="x"',
      ]);
    });

    it("an HttpError with a type of its own replaces ours", async () => {
      const headers = { "content-type": "application/json" };
      const answer = await failing(new HttpError(400, "no", { headers }));
      assert.deepEqual(answer.headers.getAll("Content-Type"), [
        "application/json",
      ]);
    });

    it("401 or 503 answers with the field that goes with it", async () => {
      const unauthorized = await failing(new HttpError(401));
      assert.equal(unauthorized.headers.get("www-authenticate"), "Basic");
      const unavailable = await failing(new HttpError(503));
      assert.equal(unavailable.headers.get("retry-after"), "1");
    });

    it("an HttpError above 500 with a cause is logged", async () => {
      const cause = new Error("upstream is down");
      const answer = await failing(new HttpError(502, "later", { cause }));
      assert.equal(answer.status, 502);
      assert.ok(!String(answer.body).includes("upstream"));
      assert.match(JSON.stringify(log), /upstream is down/);
    });

    it("an HttpError that cannot be sent answers 500, and the log says why", async () => {
      const headers = { "Retry-After": "1\r\nX-Injected: 1" };
      const answer = await failing(new HttpError(503, "later", { headers }));
      assert.equal(answer.status, 500);
      assert.equal(answer.headers.has("X-Injected"), false);
      assert.match(JSON.stringify(log), /the value of field Retry-After must/);
      const members = { count: 1n };
      const other = await failing(new HttpError(422, "no", { members }));
      assert.equal(other.status, 500);
      assert.match(JSON.stringify(log), /BigInt/);
    });

    it("anything else answers 500: the log knows, not the client", async () => {
      const answer = await failing(new Error("password is tiger"));
      assert.equal(answer.status, 500);
      assert.ok(!String(answer.body).includes("tiger"));
      const [line] = log;
      assert.equal(line?.msg, "GET /users/:id failed");
      assert.match(JSON.stringify(line?.err), /password is tiger.*stack/);
    });

    it("what is no Error answers 500 as well", async () => {
      for (const value of ["text", undefined, null, { a: 1 }]) {
        assert.equal((await failing(value)).status, 500);
      }
      assert.equal(log.length, 4);
    });

    it("that the client has left is no failure", async () => {
      const answer = await failing(new RequestAborted("gone"));
      assert.equal(answer.status, 499);
      assert.deepEqual(log, []);
    });
  });
}

describe("an AbortError", () => {
  const app = new App().get("/", () => {
    throw Object.assign(new Error("stop"), { name: "AbortError" });
  });

  it("is no failure where the client has left", async () => {
    const request = new HttpRequest();
    request.abort(new RequestAborted("gone"));
    assert.equal((await app.handle(request)).status, 499);
  });

  it("is one where the client waits", async () => {
    assert.equal((await app.handle(new HttpRequest())).status, 500);
    assert.equal(log.length, 1);
  });
});
