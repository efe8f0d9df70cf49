/**
 * Makes a span for each request that is handled. A listener for which no SDK is
 * registered keeps its handler and its observer, and pays nothing.
 *
 * Runs per traced request.
 */
import type {
  Context,
  ContextManager,
  TextMapGetter,
  TextMapPropagator,
  Tracer,
} from "@opentelemetry/api";
import { setSpanSource } from "../../shared/logging/active-span.ts";
import { processLogger } from "../../shared/logging/logger.ts";
import { packageVersion } from "../../shared/package-version.ts";
import { loggable } from "../../shared/thrown-value.ts";
import { registeredTelemetry } from "../../shared/tracing/registered-telemetry.ts";
import {
  EMPTY_SCOPE,
  isTracedIn,
  spanIdsIn,
  withRouteNote,
  withSpan,
} from "../../shared/tracing/trace-scope.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { SpanMaker } from "../http/span-maker.ts";
import type {
  ConnectionContext,
  ConnectionObserver,
} from "../http1/connection-context.ts";
import { spanName, startAttributes } from "./span-attributes.ts";
import { TracedRequest } from "./traced-request.ts";

/** `SpanKind.SERVER` of the API. */
const SERVER = 1;

const FIELDS: TextMapGetter<HttpHeaders> = {
  keys: (headers) => [...headers].map(([name]) => name.toLowerCase()),
  get: (headers, name) => headers.get(name),
};

type Traceable = Pick<ConnectionContext, "handler" | "observer">;

/**
 * Adds tracing to a listener, if an SDK is registered.
 *
 * @param agents set for servers of `node:http`: those that hook into the server
 */
export function traced(
  { handler, observer }: Traceable,
  agents?: SpanMaker,
): Traceable {
  const { trace, context, propagation } = registeredTelemetry();
  if (!trace) return { handler, observer };
  if (context) setSpanSource(() => spanIdsIn(context.active()));
  const tracer = new RequestTracer({
    tracer: trace.getTracer("remuda", packageVersion()),
    contexts: context,
    propagator: propagation,
    isHosted: agents !== undefined,
  });
  return {
    handler: agents ? tracer.beside(agents, handler) : tracer.around(handler),
    observer: tracer.ending(observer),
  };
}

interface RequestTracerParts {
  readonly tracer: Tracer;
  readonly contexts: ContextManager | undefined;
  readonly propagator: TextMapPropagator | undefined;
  /** Whether instrumentations of a framework may find the route. */
  readonly isHosted: boolean;
}

/** An SDK that fails must not fail the request. */
class RequestTracer {
  readonly #parts: RequestTracerParts;
  #hasFailed = false;

  constructor(parts: RequestTracerParts) {
    this.#parts = parts;
  }

  /** Wraps a handler: each request gets a span, which is active in it. */
  around(handler: Handler): Handler {
    const { contexts } = this.#parts;
    return (request) => {
      const scope = this.#begin(request);
      if (!scope || !contexts) return handler(request);
      return contexts.with(scope, handler, undefined, request);
    };
  }

  /** Wraps the handler of a server whose agents may make the spans. */
  beside(agents: SpanMaker, handler: Handler): Handler {
    const { contexts } = this.#parts;
    const isTraced = () => isTracedIn(contexts?.active() ?? EMPTY_SCOPE);
    const spanned = this.around(handler);
    return (request) => {
      if (!agents.makesSpans(isTraced)) return spanned(request);
      const answer = handler(request);
      // The first request has told that there is no span; it gets a late one.
      if (!agents.makesSpans(isTraced)) this.#begin(request);
      return answer;
    };
  }

  /** Wraps an observer: spans end before it is told of their requests. */
  ending(observer: ConnectionObserver): ConnectionObserver {
    return {
      onRequest: () => observer.onRequest(),
      onResponse: (exchange) => {
        const { request, status } = exchange;
        this.#safely(() => request.span?.end(status));
        observer.onResponse(exchange);
      },
      onAbort: (request) => {
        this.#safely(() => request.span?.abort());
        observer.onAbort(request);
      },
      onHandlerTimeout: (request) => observer.onHandlerTimeout(request),
      onParseError: (reason) => observer.onParseError(reason),
      onResponseError: (request, error) => {
        this.#safely(() => request.span?.recordError(error));
        observer.onResponseError(request, error);
      },
    };
  }

  #begin(request: HttpRequest): Context | undefined {
    return this.#safely(() => this.#start(request));
  }

  #start(request: HttpRequest): Context {
    const { tracer, contexts, propagator, isHosted } = this.#parts;
    const { headers, method } = request;
    const parent =
      propagator?.extract(EMPTY_SCOPE, headers, FIELDS) ?? EMPTY_SCOPE;
    const options = { kind: SERVER, attributes: startAttributes(request) };
    const span = tracer.startSpan(spanName(method), options, parent);
    const note = isHosted ? ({ type: "http", span } as const) : undefined;
    const spanned = withSpan(parent, span);
    const scope = note ? withRouteNote(spanned, note) : spanned;
    request.span = new TracedRequest({ request, span, scope, contexts, note });
    return scope;
  }

  #safely<Result>(call: () => Result): Result | undefined {
    try {
      return call();
    } catch (error) {
      this.#onFailure(error);
      return undefined;
    }
  }

  #onFailure(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const text = "the registered OpenTelemetry SDK fails; spans are missing";
    processLogger().error({ err: loggable(error) }, text);
  }
}
