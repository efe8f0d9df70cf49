import type { Context, Span, SpanContext } from "@opentelemetry/api";

/** The keys that all copies of the API, and of the SDK's core, share. */
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
const SUPPRESS_KEY = Symbol.for(
  "OpenTelemetry SDK Context Key SUPPRESS_TRACING",
);
const RPC_KEY = Symbol.for("OpenTelemetry SDK Context Key RPC_METADATA");

/** `INVALID_TRACEID` of the API. */
const NO_TRACE = "0".repeat(32);

/** Here instrumentations of frameworks write the route of a request. */
export interface RouteNote {
  readonly type: "http";
  readonly span: Span;
  route?: string;
}

/**
 * A context of OpenTelemetry: an immutable list of values. Runs per traced
 * request: a value costs one object, and not a copy of all others.
 */
export class TraceScope implements Context {
  readonly #parent: Context | undefined;
  readonly #key: symbol | undefined;
  readonly #value: unknown;

  constructor(parent?: Context, key?: symbol, value?: unknown) {
    this.#parent = parent;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    return key === this.#key ? this.#value : this.#parent?.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new TraceScope(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new TraceScope(this, key, undefined);
  }
}

/** The values that a process begins with; no request has them. */
export const EMPTY_SCOPE: Context = new TraceScope();

/** Whether a span is active, or tracing is suppressed. */
export function isTracedIn(scope: Context): boolean {
  return (
    spanIdsIn(scope) !== undefined || scope.getValue(SUPPRESS_KEY) === true
  );
}

/** Undefined where tracing is suppressed, too. */
export function spanIdsIn(scope: Context): SpanContext | undefined {
  const span = scope.getValue(SPAN_KEY) as Span | undefined;
  const ids = span?.spanContext();
  return ids?.traceId === NO_TRACE ? undefined : ids;
}

export function withSpan(scope: Context, span: Span): Context {
  return scope.setValue(SPAN_KEY, span);
}

export function withRouteNote(scope: Context, note: RouteNote): Context {
  return scope.setValue(RPC_KEY, note);
}
