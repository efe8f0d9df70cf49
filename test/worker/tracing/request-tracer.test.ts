import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { trace } from "@opentelemetry/api";
import { requestFields } from "../../../src/shared/logging/request-scope.ts";
import { App } from "../../../src/worker/app/app.ts";
import { HttpError } from "../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok, text } from "../../../src/worker/http/response-helpers.ts";
import type { ConnectionObserver } from "../../../src/worker/http1/connection-context.ts";
import { traced } from "../../../src/worker/tracing/request-tracer.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { type Given, serveListeners } from "../served-listeners.ts";
import { type EndedSpan, FakeSdk, SPAN_IDS } from "./fake-sdk.ts";

const ERROR = 2;

function get(target: string, fields = ""): string {
  return `GET ${target} HTTP/1.1\r\nHost: a:81\r\n${fields}\r\n`;
}

/** A listener with an app, and an SDK that was registered before. */
async function serve(t: TestContext, app: App, given: Partial<Given> = {}) {
  const sdk = FakeSdk.register(t);
  const { addresses, meter } = await serveListeners(
    t,
    { ...given, listen: [{ port: 1 }] },
    app.handle.bind(app),
  );
  const [address] = addresses;
  assert.ok(address);
  const ask = async (bytes: string) => {
    const { responses } = await exchange(address, bytes, { responses: 1 });
    return responses[0]?.status;
  };
  return { sdk, address, ask, meter };
}

/** The name of the active span, as code of the app sees it. */
function activeName(): string {
  return trace.getActiveSpan() ? "a span" : "no span";
}

function only(spans: readonly EndedSpan[]): EndedSpan {
  assert.equal(spans.length, 1);
  return spans[0] as EndedSpan;
}

describe("without a registered SDK", () => {
  test("a listener has its own handler and observer", () => {
    const handler = () => ok();
    const observer = {} as ConnectionObserver;
    const same = traced({ handler, observer });
    assert.equal(same.handler, handler);
    assert.equal(same.observer, observer);
  });
});

describe("the span of a request", () => {
  test("has the route, the status and the caller's context", async (t) => {
    const app = new App().get("/users/:id", () => text("7"));
    const { sdk, ask } = await serve(t, app);
    await ask(get("/users/7?full=1", "X-Parent: the client\r\n"));
    const { name, kind, parent, attributes, status } = only(sdk.ended);
    assert.deepEqual(
      [name, kind, parent, status],
      ["GET /users/:id", 1, "the client", undefined],
    );
    const { "network.peer.port": port, ...others } = attributes;
    assert.equal(typeof port, "number");
    assert.deepEqual(others, {
      "http.request.method": "GET",
      "url.path": "/users/7",
      "url.query": "full=1",
      "url.scheme": "http",
      "network.protocol.version": "1.1",
      "server.address": "a",
      "server.port": 81,
      "client.address": "127.0.0.1",
      "network.peer.address": "127.0.0.1",
      "http.route": "/users/:id",
      "http.response.status_code": 200,
    });
  });

  test("is active in middleware, handlers and streams", async (t) => {
    const seen: string[] = [];
    const app = new App();
    app.use((request, next) => {
      seen.push(`middleware: ${activeName()}`);
      return next(request);
    });
    app.get("/", async () => {
      await setImmediate();
      seen.push(`handler: ${activeName()}`);
      return new HttpResponse(pieces());
    });
    async function* pieces() {
      seen.push(`stream: ${activeName()}`);
      yield "one";
      await setImmediate();
      seen.push(`later: ${activeName()}`);
      yield "two";
    }
    const { sdk, ask } = await serve(t, app);
    await ask(get("/"));
    assert.deepEqual(seen, [
      "middleware: a span",
      "handler: a span",
      "stream: a span",
      "later: a span",
    ]);
    assert.equal(sdk.ended.length, 1);
    assert.equal(activeName(), "no span");
  });

  test("is in the log lines of the request", async (t) => {
    const seen: unknown[] = [];
    const app = new App().get("/", () => {
      seen.push(requestFields());
      return ok();
    });
    const { ask } = await serve(t, app);
    await ask(get("/"));
    const { traceId, spanId } = SPAN_IDS;
    assert.deepEqual(seen, [{ trace_id: traceId, span_id: spanId }]);
    assert.deepEqual(requestFields(), {});
  });

  test("has an error status from 500 on, and the error", async (t) => {
    const app = new App();
    app.get("/broken", () => {
      throw new RangeError("too far");
    });
    app.get("/refused", () => {
      throw new HttpError(503);
    });
    const { sdk, ask } = await serve(t, app);
    assert.equal(await ask(get("/broken")), 500);
    assert.equal(await ask(get("/refused")), 503);
    assert.equal(await ask(get("/missing")), 404);
    const [broken, refused, missing] = sdk.ended;
    assert.equal(broken?.status?.code, ERROR);
    assert.equal(broken.attributes["error.type"], "RangeError");
    assert.deepEqual(broken.events, ["exception RangeError"]);
    assert.equal(refused?.status?.code, ERROR);
    assert.equal(refused.attributes["error.type"], "503");
    assert.equal(missing?.status, undefined);
    assert.equal(missing?.name, "GET");
  });

  test("ends without an error where the client leaves", async (t) => {
    const app = new App().get("/", (request) => {
      return new Promise((resolve) => {
        request.whenAborted(() => resolve(ok()));
      });
    });
    const { sdk, address, meter } = await serve(t, app);
    const client = connect(address);
    client.write(get("/"));
    await once(client, "connect");
    const what = "the request";
    await waitUntil(() => meter.activeRequests === 1, { what });
    client.resetAndDestroy();
    await waitUntil(() => sdk.ended.length === 1, { what: "the span" });
    const { events, status } = only(sdk.ended);
    assert.deepEqual([events, status], [["aborted"], undefined]);
  });

  test("has an error where the response fails in the middle", async (t) => {
    const app = new App().get("/", () => new HttpResponse(failing()));
    // biome-ignore lint/correctness/useYield: it fails instead
    async function* failing(): AsyncGenerator<string> {
      throw new TypeError("no more");
    }
    const { sdk, address } = await serve(t, app);
    await exchange(address, get("/"), { untilClosed: true });
    const { status, attributes } = only(sdk.ended);
    assert.equal(status?.code, ERROR);
    assert.equal(attributes["error.type"], "TypeError");
  });

  test("has no secrets of the query, nor methods without end", async (t) => {
    const { sdk, ask } = await serve(t, new App());
    await ask(get("/a?x=1&Signature=s3cret&sig=&X-Goog-Signature=z&y=sig=2"));
    await ask("BREW / HTTP/1.1\r\nHost: [::1]:90\r\n\r\n");
    const [secret, brewed] = sdk.ended;
    const query = secret?.attributes["url.query"];
    assert.equal(
      query,
      "x=1&Signature=REDACTED&sig=REDACTED&X-Goog-Signature=REDACTED&y=sig=2",
    );
    assert.equal(brewed?.name, "HTTP");
    assert.equal(brewed.attributes["http.request.method"], "_OTHER");
    assert.equal(brewed.attributes["http.request.method_original"], "BREW");
    assert.equal(brewed.attributes["server.address"], "[::1]");
    assert.equal(brewed.attributes["server.port"], 90);
  });
});

describe("of a server with agents that may make spans", () => {
  const observer = {} as ConnectionObserver;

  /** What a request to it has, where the agents answer so. */
  async function spanOf(t: TestContext, ...makesSpans: boolean[]) {
    const sdk = FakeSdk.register(t);
    const agents = { makesSpans: () => makesSpans.shift() ?? assert.fail() };
    const spans: unknown[] = [];
    const answer = (request: HttpRequest) => {
      spans.push(request.span);
      return ok();
    };
    const { handler } = traced({ handler: answer, observer }, agents);
    const request = new HttpRequest();
    await handler(request);
    request.span?.end(200);
    return { isActive: spans[0] !== undefined, count: sdk.ended.length };
  }

  test("there is none of Remuda where they make them", async (t) => {
    const made = { isActive: false, count: 0 };
    assert.deepEqual(await spanOf(t, true, true), made);
  });

  test("there is one where they make none", async (t) => {
    assert.deepEqual(await spanOf(t, false), { isActive: true, count: 1 });
  });

  test("the first request has one if it shows that", async (t) => {
    const made = { isActive: false, count: 1 };
    assert.deepEqual(await spanOf(t, true, false), made);
  });
});

describe("no span is made", () => {
  test("for a request that is malformed, or shed", async (t) => {
    const app = new App().get("/", () => new Promise<HttpResponse>(() => {}));
    const limit = { maxConcurrentRequests: 1, maxQueuedRequests: 0 };
    const { sdk, ask, address, meter } = await serve(t, app, limit);
    assert.equal(await ask("GET / HTTP/1.1\r\n\r\n"), 400);
    const client = connect(address);
    t.after(() => client.destroy());
    client.write(get("/"));
    const what = "the request";
    await waitUntil(() => meter.activeRequests === 1, { what });
    assert.equal(await ask(get("/")), 503);
    assert.deepEqual(sdk.ended, []);
    assert.equal(meter.totals().labelled.requestsShed?.queue_full, 1);
  });

  test("where the readiness page answers", async (t) => {
    const { sdk, ask } = await serve(t, new App(), { readinessPath: "/up" });
    assert.equal(await ask(get("/up")), 503);
    assert.deepEqual(sdk.ended, []);
  });

  test("where the SDK fails, and the request is answered", async (t) => {
    const { sdk, ask } = await serve(
      t,
      new App().get("/", () => ok()),
    );
    sdk.failure = new Error("a bad sampler");
    assert.equal(await ask(get("/")), 200);
    assert.deepEqual(sdk.ended, []);
  });
});
