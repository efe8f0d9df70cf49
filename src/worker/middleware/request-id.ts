/** Runs per request: one id, and one field of the response. */

import { checkOptions, ofType, oneOf } from "../../shared/check-options.ts";
import { runInScope } from "../../shared/logging/request-scope.ts";
import type { Middleware } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { TraceContext } from "../http/trace-context.ts";
import { afterAnswer } from "./after-answer.ts";

export interface RequestIdOptions {
  /** Field of the request and the response. Default: X-Request-Id. */
  readonly header?: string;
  /**
   * Whether to accept the client's id and trace. Set it if all clients are
   * trusted, such as a proxy that makes ids. Default: false.
   */
  readonly trust?: boolean | ((request: HttpRequest) => boolean);
  /** Returns a new id. Default: a random UUID. */
  readonly makeId?: (request: HttpRequest) => string;
  /**
   * Handling of `traceparent` and `tracestate` (W3C Trace Context): "pass" sets
   * `request.trace` from a trusted client, "make" also starts a trace without
   * a valid one, "off" ignores both. Default: "pass".
   */
  readonly trace?: "pass" | "make" | "off";
  /**
   * Whether lines of `logger()`, and of loggers with `requestFields`, have
   * `request_id`, `trace_id` and `span_id` when they are written on behalf of
   * the request. It costs an `AsyncLocalStorage`. Default: false.
   */
  readonly inLogs?: boolean;
}

/** Characters that are safe in logs, shells and HTML. */
const ID = /^[A-Za-z0-9._~:+/=@-]{1,128}$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// A counter with a random prefix would save 0.05 µs, but reveal the number of
// requests, and make other ids predictable.
const randomId = () => crypto.randomUUID();

/**
 * Assigns each request an id: `request.id`, the response's `X-Request-Id`, and
 * `request_id` in the log. Register it first, with `app.use()`.
 *
 * A trusted client's id is accepted if it has 1 to 128 letters, digits and
 * `._~:+/=@-`; otherwise a new one is made. A handler's own value of the
 * response field is kept.
 *
 * @throws TypeError for an unknown or invalid option
 */
export function requestId(options: RequestIdOptions = {}): Middleware {
  checkOptions("requestId()", options, {
    header: {
      isValid: (value) => typeof value === "string" && TOKEN.test(value),
      valid: "the name of a field",
    },
    trust: {
      isValid: (value) => ["boolean", "function"].includes(typeof value),
      valid: "a boolean or a function",
    },
    makeId: ofType("function"),
    trace: oneOf("pass", "make", "off"),
    inLogs: ofType("boolean"),
  });
  const { header = "X-Request-Id", trust = false, trace = "pass" } = options;
  const { inLogs = false } = options;
  const { makeId = randomId } = options;
  const isTrusted = typeof trust === "function" ? trust : () => trust;
  const change = (response: HttpResponse, request: HttpRequest) => {
    if (response.status < 200 || response.fields?.has(header)) return response;
    return response.with(header, request.id as string);
  };
  return (request, next) => {
    const trusted = isTrusted(request);
    const sent = trusted ? request.headers.get(header) : undefined;
    const isId = sent !== undefined && ID.test(sent);
    request.id = isId ? sent : makeId(request);
    if (trace !== "off") {
      if (trusted) request.trace = traceOf(request);
      if (trace === "make") request.trace ??= TraceContext.create();
    }
    request.isInLogs = inLogs;
    const answer = inLogs ? runInScope(request, next) : next(request);
    return afterAnswer(answer, request, change);
  };
}

function traceOf({ headers }: HttpRequest): TraceContext | undefined {
  const traceparent = headers.get("traceparent");
  if (traceparent === undefined) return undefined;
  return TraceContext.parse(traceparent, headers.get("tracestate"));
}
