/** Runs per request: an id, and one field on the answer. */
import type { Middleware } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { TraceContext } from "../http/trace-context.ts";
import { afterAnswer } from "./after-answer.ts";
import { checkOptions, ofType, oneOf } from "./check-options.ts";

export interface RequestIdOptions {
  /** The field of the request and of the answer. Default: X-Request-Id. */
  readonly header?: string;
  /**
   * Whether the id and the trace that the client sends are taken. Default:
   * no. Say yes where all clients are your own, as a proxy that makes ids.
   */
  readonly trust?: boolean | ((request: HttpRequest) => boolean);
  /** Makes an id. Default: a random UUID. */
  readonly makeId?: (request: HttpRequest) => string;
  /**
   * What becomes of `traceparent` and `tracestate` (W3C Trace Context): "pass"
   * has `request.trace` say what a trusted client sent, "make" also begins a
   * trace where none, or none that is valid, was sent. Default: "pass".
   */
  readonly trace?: "pass" | "make" | "off";
}

/** What may be an id: nothing that a log, a shell or HTML might take ill. */
const ID = /^[A-Za-z0-9._~:+/=@-]{1,128}$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// Not a counter with a random prefix, which would save 0.05 µs: an id should
// neither tell how many requests there were nor let others be guessed.
const randomId = () => crypto.randomUUID();

/**
 * Gives each request an id: `request.id`, the answer's `X-Request-Id`, and
 * `request_id` in the log. Put it before all else, with `app.use()`.
 *
 * A trusted client's id is taken where it has 1 to 128 letters, digits and
 * `._~:+/=@-`; otherwise a new one is made. If a handler has set the field of
 * its answer, that is kept.
 *
 * @throws TypeError for an option that is none
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
  });
  const { header = "X-Request-Id", trust = false, trace = "pass" } = options;
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
    return afterAnswer(next(request), request, change);
  };
}

function traceOf({ headers }: HttpRequest): TraceContext | undefined {
  const traceparent = headers.get("traceparent");
  if (traceparent === undefined) return undefined;
  return TraceContext.parse(traceparent, headers.get("tracestate"));
}
