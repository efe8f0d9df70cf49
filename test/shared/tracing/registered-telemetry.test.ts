/**
 * What all copies of @opentelemetry/api share, checked with two of them: that of
 * this package, and an older one, which apps may have.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, test } from "node:test";
import { registeredTelemetry } from "../../../src/shared/tracing/registered-telemetry.ts";
import {
  EMPTY_SCOPE,
  isTracedIn,
  withRouteNote,
  withSpan,
} from "../../../src/shared/tracing/trace-scope.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const agents = path.join(root, "test/agents");
const inRoot = createRequire(path.join(root, "package.json"));
const inAgents = createRequire(path.join(agents, "package.json"));

type Api = typeof import("@opentelemetry/api");

const isInstalled = existsSync(path.join(agents, "node_modules"));
const skip = isInstalled ? false : "not installed: npm --prefix test/agents ci";

const COPIES = [
  { from: "this package", require: inRoot, skip: false },
  { from: "an older app", require: inAgents, skip },
] as const;

for (const { from, require, skip } of COPIES) {
  describe(`of the API of ${from}`, { skip }, () => {
    test("nothing is registered before the app does", () => {
      require("@opentelemetry/api");
      assert.equal(registeredTelemetry().trace, undefined);
    });

    test("each part is found once it is registered", (t) => {
      const { trace, context, propagation, metrics }: Api =
        require("@opentelemetry/api");
      const parts = [trace, context, propagation, metrics];
      t.after(() => {
        for (const part of parts) part.disable();
        // A copy with another version could not register after this one.
        Reflect.deleteProperty(
          globalThis,
          Symbol.for("opentelemetry.js.api.1"),
        );
      });
      const tracer = {};
      trace.setGlobalTracerProvider({ getTracer: () => tracer } as never);
      context.setGlobalContextManager({ disable: () => {} } as never);
      propagation.setGlobalPropagator({ fields: () => [] } as never);
      metrics.setGlobalMeterProvider({ getMeter: () => ({}) } as never);
      const found = registeredTelemetry();
      assert.equal(found.trace?.getTracer("any"), tracer);
      assert.ok(found.context && found.propagation && found.metrics);
    });

    test("a scope carries values as its own contexts do", () => {
      const { trace, propagation, createContextKey }: Api =
        require("@opentelemetry/api");
      const span = trace.wrapSpanContext({
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: "b7ad6b7169203331",
        traceFlags: 1,
      });
      const scope = withSpan(EMPTY_SCOPE, span);
      assert.equal(trace.getSpan(scope), span);
      assert.equal(trace.getSpan(EMPTY_SCOPE), undefined);
      assert.equal(trace.getSpan(trace.deleteSpan(scope)), undefined);
      const baggage = propagation.createBaggage({ a: { value: "1" } });
      const carrying = propagation.setBaggage(scope, baggage);
      assert.equal(propagation.getBaggage(carrying), baggage);
      assert.equal(trace.getSpan(carrying), span);
      assert.equal(scope.getValue(createContextKey("other")), undefined);
    });
  });
}

test("a context in which tracing is suppressed is known", { skip }, () => {
  const { suppressTracing } = inAgents("@opentelemetry/core");
  assert.equal(isTracedIn(EMPTY_SCOPE), false);
  assert.equal(isTracedIn(suppressTracing(EMPTY_SCOPE)), true);
});

test("frameworks find the note for the route", { skip }, () => {
  const { getRPCMetadata } = inAgents("@opentelemetry/core");
  const note = { type: "http" as const, span: {} as never };
  assert.equal(getRPCMetadata(withRouteNote(EMPTY_SCOPE, note)), note);
});
