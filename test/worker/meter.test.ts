import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setProcessLogger } from "../../src/shared/logger.ts";
import { HttpRequest } from "../../src/worker/http/http-request.ts";
import { Meter } from "../../src/worker/meter.ts";
import { memoryLogger } from "./memory-logger.ts";

interface Answered {
  readonly method?: string;
  readonly route?: string | undefined;
  readonly status?: number;
  readonly seconds?: number;
  readonly requestBodyBytes?: number;
  readonly responseBodyBytes?: number;
}

function requestOf(method: string, route: string | undefined): HttpRequest {
  const request = new HttpRequest({ method });
  request.route = route;
  return request;
}

/** A request comes and is answered. */
function answer(meter: Meter, answered: Answered = {}): void {
  const { method = "GET", status = 200, seconds = 0.25 } = answered;
  const { requestBodyBytes = 0, responseBodyBytes = 0 } = answered;
  const route = "route" in answered ? answered.route : "/";
  const request = requestOf(method, route);
  meter.onRequest();
  const bytes = { requestBodyBytes, responseBodyBytes };
  meter.onResponse({ request, status, seconds, ...bytes });
}

/** The series of the next snapshot: "GET / 200 ×3". */
function seriesIn(meter: Meter): string[] {
  const { requests } = meter.snapshot();
  return requests.map(({ method, route, status, count }) => {
    return `${method} ${route} ${status} ×${count}`;
  });
}

describe("a meter", () => {
  it("counts requests by method, route and status", () => {
    const meter = new Meter();
    answer(meter);
    answer(meter);
    answer(meter, { method: "POST" });
    answer(meter, { status: 500 });
    answer(meter, { route: "/users/:id" });
    answer(meter);
    assert.deepEqual(seriesIn(meter), [
      "GET / 200 ×3",
      "POST / 200 ×1",
      "GET / 500 ×1",
      "GET /users/:id 200 ×1",
    ]);
  });

  it("observes how long requests took", () => {
    const meter = new Meter();
    answer(meter, { seconds: 0.25 });
    answer(meter, { seconds: 20 });
    const [series] = meter.snapshot().requests;
    assert.equal(series?.sum, 20.25);
    assert.equal(series?.buckets.at(-1), 1);
  });

  it("counts what no route took with an empty route", () => {
    const meter = new Meter();
    answer(meter, { route: undefined, status: 404 });
    assert.deepEqual(seriesIn(meter), ["GET  404 ×1"]);
  });

  it("counts methods that are not known as one", () => {
    const meter = new Meter();
    for (const method of ["BREW", "get", "__proto__", "_OTHER", "BREW"]) {
      answer(meter, { method, route: undefined, status: 501 });
    }
    assert.deepEqual(seriesIn(meter), ["_OTHER  501 ×5"]);
  });

  it("knows the methods of RFC 9110 §9.3 and PATCH", () => {
    const methods = "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH";
    const meter = new Meter();
    for (const method of methods.split(" ")) answer(meter, { method });
    const { requests } = meter.snapshot();
    assert.equal(requests.map(({ method }) => method).join(" "), methods);
  });
});

describe("a snapshot", () => {
  it("has only the series that changed, whole", () => {
    const meter = new Meter();
    answer(meter);
    answer(meter, { status: 404 });
    meter.snapshot();
    assert.deepEqual(seriesIn(meter), []);
    answer(meter, { status: 404 });
    assert.deepEqual(seriesIn(meter), ["GET / 404 ×2"]);
  });

  it("has all that else was counted since the worker began", () => {
    const meter = new Meter();
    answer(meter, { requestBodyBytes: 3, responseBodyBytes: 40 });
    meter.snapshot();
    answer(meter, { requestBodyBytes: 4, responseBodyBytes: 2 });
    meter.onAccept();
    meter.onConnectionDropped("descriptors");
    meter.onParseError("host");
    meter.onParseError("host");
    meter.onParseError("framing");
    meter.onTlsHandshakeError("timeout");
    meter.onProxyHeaderError("untrusted_peer");
    meter.onShed("queue_full");
    meter.onRateLimited("login");
    meter.onRateLimited("login");
    meter.onRateLimitStoreError("redis");
    meter.onEventLoopDelay(0.5);
    const { requests, eventLoopDelay, ...counts } = meter.snapshot();
    assert.deepEqual(counts, {
      acceptedConnections: 1,
      connectionsDropped: {
        descriptors: 1,
        max_connections: 0,
        accept_failed: 0,
      },
      requestBodyBytes: 7,
      responseBodyBytes: 42,
      parseErrors: { host: 2, framing: 1 },
      tlsHandshakeErrors: { timeout: 1 },
      proxyHeaderErrors: { untrusted_peer: 1 },
      requestsShed: {
        connections: 0,
        event_loop_delay: 0,
        queue_full: 1,
        queue_timeout: 0,
      },
      rateLimited: { login: 2 },
      rateLimitStoreErrors: { redis: 1 },
      lostLogLines: 0,
    });
    assert.equal(requests.length, 1);
    assert.equal(eventLoopDelay.sum, 0.5);
  });

  it("does not change when more is counted", () => {
    const meter = new Meter();
    answer(meter);
    meter.onParseError("host");
    const before = meter.snapshot();
    answer(meter);
    meter.onParseError("host");
    assert.equal(before.requests[0]?.count, 1);
    assert.equal(before.parseErrors.host, 1);
  });

  it("survives the way between processes", () => {
    const meter = new Meter();
    answer(meter);
    const snapshot = meter.snapshot();
    assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
  });
});

describe("a request", () => {
  it("is active until it is answered", () => {
    const meter = new Meter();
    meter.onRequest();
    answer(meter);
    assert.equal(meter.activeRequests, 1);
  });

  it("is active until its client leaves, and is then not counted", () => {
    const meter = new Meter();
    meter.onRequest();
    assert.equal(meter.activeRequests, 1);
    meter.onAbort(requestOf("GET", "/"));
    assert.equal(meter.activeRequests, 0);
    assert.deepEqual(seriesIn(meter), []);
  });

  it("whose response cannot be sent is logged", () => {
    const { logger, lines } = memoryLogger();
    setProcessLogger(logger);
    const error = new Error("the stream broke");
    new Meter().onResponseError(requestOf("GET", "/users/:id"), error);
    const [line] = lines;
    assert.equal(line?.method, "GET");
    assert.equal(line?.route, "/users/:id");
    assert.match(JSON.stringify(line?.err), /the stream broke/);
  });
});

describe("a limit that is named as what every object has", () => {
  it("is counted like any other", () => {
    const meter = new Meter();
    meter.onRateLimited("constructor");
    meter.onRateLimited("constructor");
    assert.deepEqual(meter.snapshot().rateLimited, { constructor: 2 });
  });
});
