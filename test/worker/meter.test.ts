import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setProcessLogger } from "../../src/shared/logging/logger.ts";
import type { HistogramValues } from "../../src/shared/metrics/histogram.ts";
import { requestLabels } from "../../src/shared/metrics/request-labels.ts";
import type { Totals } from "../../src/shared/metrics/totals.ts";
import { parseWorkerMessage } from "../../src/shared/worker-messages.ts";
import { HttpRequest } from "../../src/worker/http/http-request.ts";
import { Meter } from "../../src/worker/meter.ts";
import { quietReport } from "../master/metrics/worker-reports.ts";
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

/** With prototypes, as after IPC: strict comparison looks at those too. */
function plain(totals: Totals): Totals {
  return JSON.parse(JSON.stringify(totals));
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

/** The request series of the next snapshot. */
function requestsOf(meter: Meter): Record<string, HistogramValues> {
  return meter.snapshot().histograms.requests ?? {};
}

/** As text: "GET 200 / ×3". */
function seriesIn(meter: Meter): string[] {
  return Object.entries(requestsOf(meter)).map(([key, { count }]) => {
    return `${key} ×${count}`;
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
      "GET 200 / ×3",
      "POST 200 / ×1",
      "GET 500 / ×1",
      "GET 200 /users/:id ×1",
    ]);
  });

  it("observes how long requests took", () => {
    const meter = new Meter();
    answer(meter, { seconds: 0.25 });
    answer(meter, { seconds: 20 });
    const [series] = Object.values(requestsOf(meter));
    assert.equal(series?.sum, 20.25);
    assert.equal(series?.buckets.at(-1), 1);
  });

  it("counts what no route took with an empty route", () => {
    const meter = new Meter();
    answer(meter, { route: undefined, status: 404 });
    assert.deepEqual(seriesIn(meter), ["GET 404  ×1"]);
  });

  it("counts methods that are not known as one", () => {
    const meter = new Meter();
    for (const method of ["BREW", "get", "__proto__", "_OTHER", "BREW"]) {
      answer(meter, { method, route: undefined, status: 501 });
    }
    assert.deepEqual(seriesIn(meter), ["_OTHER 501  ×5"]);
  });

  it("knows the methods of RFC 9110 §9.3 and PATCH", () => {
    const methods = "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH";
    const meter = new Meter();
    for (const method of methods.split(" ")) answer(meter, { method });
    const counted = Object.keys(requestsOf(meter)).map((key) => {
      return requestLabels(key).method;
    });
    assert.equal(counted.join(" "), methods);
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
    assert.deepEqual(seriesIn(meter), ["GET 404 / ×2"]);
  });

  it("has all that else was counted since the worker began", () => {
    const meter = new Meter();
    answer(meter, { requestBodyBytes: 3, responseBodyBytes: 40 });
    meter.snapshot();
    answer(meter, { requestBodyBytes: 4, responseBodyBytes: 2 });
    meter.add("acceptedConnections");
    meter.count("connectionsDropped", "descriptors");
    meter.onParseError("host");
    meter.onParseError("host");
    meter.onParseError("framing");
    meter.count("tlsHandshakeErrors", "timeout");
    meter.count("proxyHeaderErrors", "untrusted_peer");
    meter.count("requestsShed", "queue_full");
    meter.count("rateLimited", "login");
    meter.count("rateLimited", "login");
    meter.count("rateLimitStoreErrors", "redis");
    meter.observe("eventLoopDelay", 0.5);
    const { numbers, labelled, histograms } = plain(meter.snapshot());
    assert.deepEqual(numbers, {
      acceptedConnections: 1,
      requestBodyBytes: 7,
      responseBodyBytes: 42,
      lostLogLines: 0,
    });
    assert.deepEqual(labelled, {
      connectionsDropped: { descriptors: 1 },
      parseErrors: { host: 2, framing: 1 },
      tlsHandshakeErrors: { timeout: 1 },
      proxyHeaderErrors: { untrusted_peer: 1 },
      requestsShed: { queue_full: 1 },
      rateLimited: { login: 2 },
      rateLimitStoreErrors: { redis: 1 },
    });
    assert.deepEqual(Object.keys(histograms.requests ?? {}), ["GET 200 /"]);
    assert.equal(histograms.eventLoopDelay?.[""]?.sum, 0.5);
  });

  it("does not change when more is counted", () => {
    const meter = new Meter();
    answer(meter);
    meter.onParseError("host");
    const before = meter.snapshot();
    answer(meter);
    meter.onParseError("host");
    assert.equal(before.histograms.requests?.["GET 200 /"]?.count, 1);
    assert.equal(before.labelled.parseErrors?.host, 1);
  });

  it("survives the way between processes", () => {
    const meter = new Meter();
    answer(meter);
    const snapshot = plain(meter.snapshot());
    const { requests = {} } = snapshot.histograms;
    assert.equal(requests["GET 200 /"]?.count, 1);
    const report = { ...quietReport(), totals: snapshot };
    const message = { type: "heartbeat", report };
    assert.deepEqual(parseWorkerMessage(message), message);
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
    for (const name of ["constructor", "__proto__", "__proto__"]) {
      meter.count("rateLimited", name);
    }
    const { rateLimited = {} } = meter.snapshot().labelled;
    assert.deepEqual(Object.entries(rateLimited), [
      ["constructor", 1],
      ["__proto__", 2],
    ]);
  });
});
