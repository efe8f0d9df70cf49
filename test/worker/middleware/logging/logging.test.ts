import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { setProcessLogger } from "../../../../src/shared/logging/logger.ts";
import {
  HttpError,
  RequestAborted,
} from "../../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { notFound, ok } from "../../../../src/worker/http/response-helpers.ts";
import { TraceContext } from "../../../../src/worker/http/trace-context.ts";
import {
  type LoggingOptions,
  logging,
} from "../../../../src/worker/middleware/logging/logging.ts";
import { memoryLogger } from "../../memory-logger.ts";

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

  it("tells the peer's address where it is not the client's", () => {
    const { logger, lines } = memoryLogger();
    const log = logging({ logger });
    const remoteAddress = "192.0.2.1";
    for (const peerAddress of ["10.0.0.1", remoteAddress]) {
      log(new HttpRequest({ remoteAddress, peerAddress }), () => ok());
    }
    assert.equal(lines[0]?.remote_address, remoteAddress);
    assert.equal(lines[0]?.peer_address, "10.0.0.1");
    assert.equal(lines[1]?.remote_address, remoteAddress);
    assert.ok(!("peer_address" in (lines[1] ?? {})));
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

  it("has the bytes of both bodies, where they are known", () => {
    const { logger, lines } = memoryLogger();
    const log = logging({ logger });
    const request = new HttpRequest({ method: "PUT", body: "ß" });
    const bodies = ["é!", Buffer.from("abc"), null, Readable.from([])];
    for (const body of bodies) log(request, () => new HttpResponse(body));
    const declared = { headers: { "Content-Length": 7 } };
    log(request, () => new HttpResponse(Readable.from([]), declared));
    const head = new HttpRequest({ method: "HEAD" });
    log(head, () => ok("abc"));
    const both = lines.map((line) => [line.request_bytes, line.response_bytes]);
    assert.deepEqual(both, [
      [2, 3],
      [2, 3],
      [2, 0],
      [2, undefined],
      [2, 7],
      [0, 0],
    ]);
  });

  it("has the ids of request and trace", () => {
    const { logger, lines } = memoryLogger();
    const request = new HttpRequest();
    logging({ logger })(request, (request) => {
      request.id = "r-1";
      request.trace = TraceContext.create();
      return ok();
    });
    assert.equal(lines[0]?.request_id, "r-1");
    assert.equal(lines[0]?.trace_id, request.trace?.traceId);
  });

  it("may have a level for each status", () => {
    const { logger, lines } = memoryLogger();
    const level = (status: number) => (status < 400 ? "debug" : "warn");
    const log = logging({ logger, level });
    log(new HttpRequest(), () => ok());
    log(new HttpRequest(), () => notFound());
    assert.deepEqual(
      lines.map((line) => line.level),
      [20, 40],
    );
  });

  it("may be of one in so many, and of all that fail", () => {
    const { logger, lines } = memoryLogger();
    const log = logging({ logger, sample: 3 });
    for (let count = 0; count < 7; count++) {
      log(new HttpRequest({ target: `/${count}` }), () => ok());
      if (count === 1) log(new HttpRequest(), () => notFound());
    }
    assert.deepEqual(
      lines.map(({ path, status, sample }) => [path, status, sample]),
      [
        ["/0", 200, 3],
        ["/", 404, undefined],
        ["/3", 200, 3],
        ["/6", 200, 3],
      ],
    );
  });

  it("may skip requests", () => {
    const { logger, lines } = memoryLogger();
    const log = logging({
      logger,
      skip: ({ path }, status) => path === "/healthy" && status === 200,
    });
    const request = new HttpRequest({ target: "/healthy" });
    log(request, () => ok());
    log(request, () => notFound());
    assert.deepEqual(
      lines.map(({ status }) => status),
      [404],
    );
  });

  it("has the fields that are asked for, but no secrets", () => {
    const { logger, lines } = memoryLogger();
    const log = logging({
      logger,
      headers: ["User-Agent", "Authorization", "X-Api-Key", "X-None"],
      redact: ["x-api-key"],
    });
    const headers = {
      "user-agent": "curl",
      authorization: "Bearer secret",
      "x-api-key": "secret",
    };
    log(new HttpRequest({ headers }), () => ok());
    assert.deepEqual(lines[0]?.headers, {
      "user-agent": "curl",
      authorization: "[redacted]",
      "x-api-key": "[redacted]",
    });
  });

  const refused: [options: unknown, error: RegExp][] = [
    [{ level: "loud" }, /option level of logging\(\) must be trace, debug/],
    [{ sample: 0 }, /option sample of logging\(\) must be a whole number, 1/],
    [{ skip: "/healthy" }, /option skip of logging\(\) must be a function/],
    [{ headers: "referer" }, /option headers .* an array of field names/],
    [{ colour: true }, /logging\(\) has no option "colour"; the options are /],
  ];
  for (const [options, error] of refused) {
    it(`is not made with ${JSON.stringify(options)}`, () => {
      assert.throws(() => logging(options as LoggingOptions), error);
    });
  }
});
