import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setProcessLogger } from "../../../src/shared/logger.ts";
import { HttpError, RequestAborted } from "../../../src/worker/http/errors.ts";
import { HttpRequest } from "../../../src/worker/http/request.ts";
import { HttpResponse } from "../../../src/worker/http/response.ts";
import { notFound, ok } from "../../../src/worker/http/responses.ts";
import { logging } from "../../../src/worker/middleware/logging.ts";
import { memoryLogger } from "../memory-logger.ts";

/** A clock that is `stepMs` further at each look. */
function steppingClock(stepMs: number) {
  let now = 0;
  return {
    now: () => {
      now += stepMs;
      return now;
    },
  };
}

describe("the access log", () => {
  it("has a line with what was asked and answered, without the query", () => {
    const { logger, lines } = memoryLogger();
    const log = logging({ logger, clock: steppingClock(12.3456) });
    const request = new HttpRequest({
      method: "PUT",
      target: "/users/7?token=secret",
      remoteAddress: "192.0.2.1",
    });
    request.route = "/users/:id";

    const answer = log(request, () => notFound());

    assert.ok(answer instanceof HttpResponse, "in the same tick");
    const [line] = lines;
    assert.equal(lines.length, 1);
    assert.equal(line?.level, 30);
    assert.equal(line?.method, "PUT");
    assert.equal(line?.route, "/users/:id");
    assert.equal(line?.path, "/users/7");
    assert.equal(line?.status, 404);
    assert.equal(line?.duration_ms, 12.346);
    assert.equal(line?.remote_address, "192.0.2.1");
    assert.ok(!JSON.stringify(line).includes("secret"));
  });

  it("waits for an answer that is a promise", async () => {
    const { logger, lines } = memoryLogger();
    let resolve: (response: HttpResponse) => void = () => {};
    const promise = new Promise<HttpResponse>((done) => {
      resolve = done;
    });
    const answer = logging({ logger })(new HttpRequest(), () => promise);
    assert.equal(lines.length, 0);
    resolve(ok());
    assert.ok((await answer) instanceof HttpResponse);
    assert.equal(lines[0]?.status, 200);
  });

  const errors = [
    [new HttpError(403), 403],
    [new Error("broken"), 500],
    [new RequestAborted("gone"), 499],
  ] as const;
  for (const [error, status] of errors) {
    it(`says ${status} for ${error.name}, thrown or rejected`, async () => {
      const { logger, lines } = memoryLogger();
      const log = logging({ logger });
      const request = new HttpRequest();
      const throwing = () => {
        throw error;
      };
      assert.throws(() => log(request, throwing), error);
      await assert.rejects(async () => {
        await log(request, () => Promise.reject(error));
      }, error);
      assert.deepEqual(
        lines.map((line) => line.status),
        [status, status],
      );
    });
  }

  it("has the level that it is given", () => {
    const { logger, lines } = memoryLogger();
    logging({ logger, level: "debug" })(new HttpRequest(), () => ok());
    assert.equal(lines[0]?.level, 20);
  });

  it("costs nothing where that level is not logged", () => {
    const { logger, lines } = memoryLogger("warn");
    const clock = { now: () => assert.fail("looked at the clock") };
    logging({ logger, clock })(new HttpRequest(), () => ok());
    assert.equal(lines.length, 0);
  });

  it("goes to the logger of the process, also one that is set later", () => {
    const { logger, lines } = memoryLogger();
    const log = logging();
    setProcessLogger(logger);
    log(new HttpRequest(), () => ok());
    assert.equal(lines.length, 1);
  });
});
