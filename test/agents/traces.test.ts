/**
 * Traces with the real SDK, exporter and instrumentations of OpenTelemetry. The
 * packages are those of test/agents/package.json.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import {
  type Daemon,
  type DaemonOptions,
  startDaemon,
  stopAllDaemons,
} from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { reload } from "../support/reload.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { OtlpReceiver, type ReceivedSpan } from "./otlp-receiver.ts";

const isInstalled = existsSync(path.join(import.meta.dirname, "node_modules"));

/** In CI they must be there. */
const skip =
  !isInstalled && process.env.CI !== "true"
    ? "not installed: npm --prefix test/agents ci"
    : false;

after(stopAllDaemons);

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const CLIENT_SPAN_ID = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE_ID}-${CLIENT_SPAN_ID}-01`;
const SERVER = 2;

interface Options extends DaemonOptions {
  readonly env?: Record<string, string>;
}

/** A daemon whose workers send their spans to a receiver. */
async function start(t: TestContext, { env, args = [], ...options }: Options) {
  const receiver = await OtlpReceiver.open();
  t.after(() => receiver.close());
  const daemon = await startDaemon({
    ...options,
    args: ["--import", "./test/agents/tracing.mjs", ...args],
    env: { ...receiver.env, ...env },
  });
  return { receiver, daemon };
}

const ONE_WORKER = ["--workers", "1"];

async function ask(port: number, target: string, init: RequestInit = {}) {
  const url = `http://127.0.0.1:${port}${target}`;
  const headers = { traceparent: TRACEPARENT, ...init.headers };
  const response = await fetch(url, { ...init, headers });
  await response.text();
  return response.status;
}

/** Sends the body when the app begins to read it. */
async function sendWhenAsked(port: number, path: string): Promise<void> {
  const headers = { traceparent: TRACEPARENT, expect: "100-continue" };
  const options = { host: "127.0.0.1", port, path, method: "POST", headers };
  const request = http.request(options);
  request.flushHeaders();
  await once(request, "continue");
  request.end("a body");
  const [response] = await once(request, "response");
  response.resume();
  await once(response, "close");
}

/** What a drain must not lose: the spans are read when the daemon has left. */
async function traceOf(daemon: Daemon, { spans }: OtlpReceiver) {
  await daemon.stop();
  const server = spans.filter(({ kind }) => kind === SERVER);
  assert.equal(server.length, 1, JSON.stringify(spans, undefined, 1));
  const ids = new Set(spans.map(({ traceId }) => traceId));
  assert.deepEqual(ids, new Set([TRACE_ID]));
  return server[0] as ReceivedSpan;
}

/** From the span that the call belongs to up to the client, by their names. */
function pathOf(receiver: OtlpReceiver): string[] {
  const { spans, calls } = receiver;
  const [, traceId, callId] = calls[0]?.split("-") ?? [];
  assert.equal(traceId, TRACE_ID);
  const path: string[] = [];
  let id: string | undefined = callId;
  while (id !== CLIENT_SPAN_ID) {
    const span = spans.find(({ spanId }) => spanId === id);
    assert.ok(span, `no span ${id} above ${path}`);
    path.push(`${span.scope.split("/").at(-1)}: ${span.name}`);
    id = span.parentSpanId;
  }
  return path;
}

describe("one trace has the client, Remuda,", { skip }, () => {
  test("Express, also after its body, and a call of it", async (t) => {
    const app = "test/agents/calling-app.cjs";
    const { receiver, daemon } = await start(t, { app, args: ONE_WORKER });
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", body: '{"a":1}', headers };
    assert.equal(await ask(daemon.port, "/users/7?full=1", init), 200);
    const { name, attributes } = await traceOf(daemon, receiver);
    assert.equal(name, "POST /users/:id");
    assert.equal(attributes["http.route"], "/users/:id");
    assert.equal(attributes["http.response.status_code"], 200);
    assert.equal(attributes["url.path"], "/users/7");
    assert.deepEqual(pathOf(receiver), [
      "instrumentation-undici: GET",
      "instrumentation-express: request handler",
      "remuda: POST /users/:id",
    ]);
  });

  test("and a call of a listener, when the body has come", async (t) => {
    const app = "test/agents/calling-app.cjs";
    const { receiver, daemon } = await start(t, { app, args: ONE_WORKER });
    await sendWhenAsked(daemon.port, "/listened");
    await traceOf(daemon, receiver);
    assert.deepEqual(pathOf(receiver), [
      "instrumentation-undici: GET",
      "remuda: POST /listened",
    ]);
  });

  test("Fastify as a program, and a call of it", async (t) => {
    const port = await freePort();
    const { receiver, daemon } = await start(t, {
      app: "test/agents/calling-program.cjs",
      isProgram: true,
      args: ONE_WORKER,
      env: { PROGRAM_PORT: String(port) },
    });
    assert.equal(await ask(port, "/users/7"), 200);
    const { name } = await traceOf(daemon, receiver);
    assert.equal(name, "GET /users/:id");
    const [call, ...others] = pathOf(receiver);
    assert.equal(call, "instrumentation-undici: GET");
    assert.equal(others.at(-1), "remuda: GET /users/:id");
    assert.match(others[0] ?? "", /^otel: handler/);
  });

  for (const [what, target, route] of [
    ["a handler", "/own/7", "/own/:id"],
    ["a stream", "/stream", "/stream"],
  ] as const) {
    test(`and a call of ${what} of its own`, async (t) => {
      const app = "test/agents/calling-app.cjs";
      const { receiver, daemon } = await start(t, { app, args: ONE_WORKER });
      assert.equal(await ask(daemon.port, target), 200);
      await traceOf(daemon, receiver);
      assert.deepEqual(pathOf(receiver), [
        "instrumentation-undici: GET",
        `remuda: GET ${route}`,
      ]);
    });
  }
});

describe("there is one server span", { skip }, () => {
  test("where the instrumentation of node:http makes it", async (t) => {
    const app = "test/agents/calling-app.cjs";
    const { receiver, daemon } = await start(t, {
      ...{ app, args: ONE_WORKER },
      env: { INCOMING_HTTP: "true" },
    });
    const init = { method: "POST" };
    assert.equal(await ask(daemon.port, "/users/7", init), 200);
    const { scope } = await traceOf(daemon, receiver);
    assert.equal(scope, "@opentelemetry/instrumentation-http");
    assert.deepEqual(pathOf(receiver).slice(1), [
      "instrumentation-express: request handler",
      "instrumentation-http: POST /users/:id",
    ]);
  });

  test("where the instrumented app is part of one of Remuda", async (t) => {
    const app = "test/agents/calling-app.cjs";
    const { receiver, daemon } = await start(t, {
      ...{ app, args: ONE_WORKER },
      env: { INCOMING_HTTP: "true", IS_PART: "true" },
    });
    assert.equal(await ask(daemon.port, "/users/7"), 200);
    const server = await traceOf(daemon, receiver);
    assert.equal(server.scope, "remuda");
    assert.ok(receiver.childOf(server));
  });
});

describe("the master's own trace", { skip }, () => {
  let traced: Awaited<ReturnType<typeof start>>;

  /** How often each span is in the trace of the operation. */
  const spansIn = (name: string) => {
    const { spans } = traced.receiver;
    const root = spans.find((span) => span.name === name);
    assert.ok(root, `no span ${name}`);
    const inner = spans.filter(({ traceId }) => traceId === root.traceId);
    const counts: Record<string, number> = {};
    for (const { name, spanId, parentSpanId, status } of inner) {
      assert.equal(status.code, 0);
      const isChild = parentSpanId === root.spanId;
      assert.ok(isChild || spanId === root.spanId);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };

  test("is made where it has an SDK", async (t) => {
    const tracing = path.join(import.meta.dirname, "tracing.mjs");
    traced = await start(t, {
      app: "test/fixtures/load-app.js",
      args: ["--workers", "2"],
      env: { NODE_OPTIONS: `--import=${tracing}` },
    });
    const { daemon } = traced;
    await reload(daemon, "reloaded");
    daemon.signal("SIGUSR2");
    // The old master leaves when it has sent its spans.
    await daemon.exited;
    await daemon.stop();
  });

  test("has each worker of a rolling restart", () => {
    assert.deepEqual(spansIn("rolling restart"), {
      "rolling restart": 1,
      "start worker": 2,
      "drain worker": 2,
    });
  });

  test("has the workers of both masters of an upgrade", () => {
    assert.deepEqual(spansIn("upgrade"), {
      upgrade: 1,
      "start worker": 2,
      "drain worker": 2,
    });
  });
});

describe("no span of an answered request is lost", { skip }, () => {
  test("in five rolling restarts", async (t) => {
    const { receiver, daemon } = await start(t, {
      app: "test/fixtures/load-app.js",
      args: ["--workers", "2", "--drain-linger-ms", "500"],
    });
    const load = startStrictLoad(daemon, { connections: 16 });
    for (let times = 0; times < 5; times++) await reload(daemon, "reloaded");
    const { answered, failureCount } = await load.stop();
    await daemon.stop();
    assert.equal(failureCount, 0);
    assert.ok(answered > 100, `${answered} answered`);
    const spans = receiver.spans.filter(({ kind }) => kind === SERVER);
    assert.equal(spans.length, answered);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    assert.equal(ids.size, answered);
    t.diagnostic(`${answered} requests, ${spans.length} spans`);
  });
});
