/** Runs per traced request. */
import type { Context, ContextManager, Span } from "@opentelemetry/api";
import { messageOf, nameOf, stackOf } from "../../shared/thrown-value.ts";
import type { RouteNote } from "../../shared/tracing/trace-scope.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { RequestSpan } from "../http/request-span.ts";
import { spanName } from "./span-attributes.ts";

/** `SpanStatusCode.ERROR` of the API. */
const ERROR = 2;

export interface TracedRequestParts {
  readonly request: HttpRequest;
  readonly span: Span;
  /** The context of the request, with the span in it. */
  readonly scope: Context;
  /** Without a manager no context is ever active. */
  readonly contexts: ContextManager | undefined;
  /** Set if instrumentations of a framework may find the route. */
  readonly note: RouteNote | undefined;
}

export class TracedRequest implements RequestSpan {
  readonly #parts: TracedRequestParts;
  #errorType: string | undefined = undefined;

  constructor(parts: TracedRequestParts) {
    this.#parts = parts;
  }

  run<Result>(call: () => Result): Result {
    const { contexts, scope } = this.#parts;
    return contexts ? contexts.with(scope, call) : call();
  }

  bind(emitter: object): void {
    const { contexts, scope } = this.#parts;
    contexts?.bind(scope, emitter);
  }

  recordError(error: unknown): void {
    const name = nameOf(error);
    const stack = stackOf(error);
    const exception = { name, message: messageOf(error) };
    this.#errorType = name;
    this.#parts.span.recordException(
      stack === undefined ? exception : { ...exception, stack },
    );
  }

  end(status: number): void {
    const { span } = this.#parts;
    this.#nameRoute();
    span.setAttribute("http.response.status_code", status);
    if (status >= 500) this.#fail(this.#errorType ?? String(status));
    span.end();
  }

  /** A client that leaves is not an error of the server. */
  abort(): void {
    const { span } = this.#parts;
    this.#nameRoute();
    span.addEvent("aborted");
    if (this.#errorType !== undefined) this.#fail(this.#errorType);
    span.end();
  }

  /** The route is known to metrics and logs from here on, too. */
  #nameRoute(): void {
    const { request, span, note } = this.#parts;
    request.route ??= note?.route;
    const { method, route } = request;
    if (route === undefined) return;
    span.setAttribute("http.route", route);
    span.updateName(spanName(method, route));
  }

  #fail(type: string): void {
    const { span } = this.#parts;
    span.setStatus({ code: ERROR });
    span.setAttribute("error.type", type);
  }
}
