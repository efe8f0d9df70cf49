import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { setSpanSource } from "../../../../src/shared/logging/active-span.ts";
import {
  createLogger,
  processLogger,
  setProcessLogger,
} from "../../../../src/shared/logging/logger.ts";
import { requestFields } from "../../../../src/shared/logging/request-scope.ts";
import { App } from "../../../../src/worker/app/app.ts";
import type { Handler } from "../../../../src/worker/http/handler.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";
import {
  type RequestIdOptions,
  requestId,
} from "../../../../src/worker/middleware/request-id.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE = {
  trace_id: "0af7651916cd43dd8448eb211c80319c",
  span_id: "b7ad6b7169203331",
};
const IN_LOGS = { trust: true, inLogs: true };

type Line = Readonly<Record<string, unknown>>;

/** The lines, as texts, of a logger as a worker has it. */
function workerLog(): string[] {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  setProcessLogger(
    createLogger({ role: "worker", worker: 1, sink: { write } }),
  );
  return lines;
}

function idsOf(line: string | undefined): Line {
  const { request_id, trace_id, span_id } = JSON.parse(line ?? "{}") as Line;
  return { request_id, trace_id, span_id };
}

async function handle(
  options: RequestIdOptions,
  handler: Handler,
  id = "r-1",
): Promise<void> {
  const app = new App().use(requestId(options)).get("/", handler);
  const headers = { "X-Request-Id": id, traceparent: TRACEPARENT };
  await app.handle(new HttpRequest({ headers }));
}

describe("a line that is written during a request", () => {
  it("has its ids, also after a promise and in a timer", async () => {
    const lines = workerLog();
    await handle(IN_LOGS, async () => {
      processLogger().info("at once");
      await delay(1);
      processLogger().info({ request_id: "mine" }, "after a promise");
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          processLogger().child({ module: "db" }).info("in a timer");
          resolve();
        }, 1);
      });
      return ok();
    });
    processLogger().info("after the request");
    assert.deepEqual(lines.map(idsOf), [
      { request_id: "r-1", ...TRACE },
      { request_id: "mine", ...TRACE },
      { request_id: "r-1", ...TRACE },
      { request_id: undefined, trace_id: undefined, span_id: undefined },
    ]);
  });

  it("has those of its own request, where several run at a time", async () => {
    const lines = workerLog();
    const ids = Array.from({ length: 50 }, (_, at) => `r-${at}`);
    await Promise.all(
      ids.map((id, at) => {
        const handler: Handler = async () => {
          await delay(50 - at);
          processLogger().info({ wanted: id }, "late");
          return ok();
        };
        return handle(IN_LOGS, handler, id);
      }),
    );
    const found = lines.map((line) => JSON.parse(line) as Line);
    assert.equal(found.length, 50);
    for (const { wanted, request_id } of found) {
      assert.equal(request_id, wanted);
    }
  });

  it("has none where requestId() does not put them in", async () => {
    const lines = workerLog();
    await handle({ trust: true }, () => {
      processLogger().info("it");
      return ok();
    });
    assert.equal(idsOf(lines[0]).request_id, undefined);
  });

  it("has them in an error handler, and as Remuda's own line", async () => {
    const lines = workerLog();
    const app = new App()
      .use(requestId(IN_LOGS))
      .onError((error) => {
        processLogger().error({ err: error }, "seen");
        return undefined;
      })
      .get("/", async () => {
        throw new Error("no");
      });
    await app.handle(new HttpRequest({ headers: { "X-Request-Id": "r-2" } }));
    assert.deepEqual(
      lines.map((line) => [JSON.parse(line).msg, idsOf(line).request_id]),
      [
        ["seen", "r-2"],
        ["GET / failed", "r-2"],
      ],
    );
  });

  it("has them in a pino of the app with requestFields", async () => {
    const lines: string[] = [];
    const write = (text: string) => lines.push(text);
    const own = pino({ mixin: requestFields }, { write });
    await handle(IN_LOGS, async () => {
      await delay(1);
      own.info({ user: 7 }, "it");
      return ok();
    });
    own.info("outside");
    assert.deepEqual(lines.map(idsOf), [
      { request_id: "r-1", ...TRACE },
      { request_id: undefined, trace_id: undefined, span_id: undefined },
    ]);
    assert.equal(JSON.parse(lines[0] ?? "").user, 7);
  });
});

describe("request.log", () => {
  it("has the ids of the request, each once", async () => {
    const lines = workerLog();
    await handle(IN_LOGS, (request) => {
      request.log.info({ a: 1 }, "it");
      request.log.child({ module: "db" }).warn("that");
      assert.equal(request.log, request.log, "made once");
      return ok();
    });
    assert.deepEqual(lines.map(idsOf), [
      { request_id: "r-1", ...TRACE },
      { request_id: "r-1", ...TRACE },
    ]);
    for (const line of lines) {
      assert.equal(line.split("request_id").length, 2, line);
    }
  });

  it("is the logger of the process where the request has no ids", () => {
    workerLog();
    const request = new HttpRequest();
    assert.equal(request.log, processLogger());
    request.id = "r-9";
    assert.equal(request.log.bindings().request_id, "r-9");
  });
});

describe("a span that is active", () => {
  it("gives the ids of the trace, and the request its own id", async () => {
    const span = { traceId: "1".repeat(32), spanId: "2".repeat(16) };
    const ids = { trace_id: span.traceId, span_id: span.spanId };
    const lines = workerLog();
    setSpanSource(() => span);
    try {
      processLogger().info("without a request");
      await handle(IN_LOGS, (request) => {
        processLogger().info("in one");
        request.log.info("by its own logger");
        return ok();
      });
    } finally {
      setSpanSource(() => undefined);
    }
    assert.deepEqual(lines.map(idsOf), [
      { request_id: undefined, ...ids },
      { request_id: "r-1", ...ids },
      { request_id: "r-1", ...ids },
    ]);
  });
});
