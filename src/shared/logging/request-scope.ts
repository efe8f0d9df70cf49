/**
 * Finds the request on whose behalf code runs, across promises, timers and
 * callbacks. Runs per log line, and per request that opens a scope: without a
 * scope no request pays for `AsyncLocalStorage`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { activeSpan } from "./active-span.ts";

/** The parts of a request that identify it in the log. */
export interface RequestIds {
  readonly id: string | undefined;
  readonly trace:
    | { readonly traceId: string; readonly parentId: string }
    | undefined;
}

/** Fields of log lines that are written during a request. */
export interface RequestFields {
  /** Set by `requestId()`. */
  request_id?: string;
  /** 32 hexadecimal digits. */
  trace_id?: string;
  /** 16 hexadecimal digits: the active span, otherwise that of the caller. */
  span_id?: string;
}

/** Made on first use, because its mere use makes promises slower on Node 20. */
let scopes: AsyncLocalStorage<RequestIds> | undefined;

/** Runs code on behalf of a request; what it starts belongs to it as well. */
export function runInScope<Request extends RequestIds, Result>(
  request: Request,
  run: (request: Request) => Result,
): Result {
  scopes ??= new AsyncLocalStorage();
  return scopes.run(request, run, request);
}

/** The fields of a request, with the ids of the active span, if any. */
export function fieldsOf(request: RequestIds | undefined): RequestFields {
  const fields: RequestFields = {};
  const span = activeSpan();
  const trace = request?.trace;
  const traceId = span?.traceId ?? trace?.traceId;
  const spanId = span?.spanId ?? trace?.parentId;
  if (request?.id !== undefined) fields.request_id = request.id;
  if (traceId !== undefined) fields.trace_id = traceId;
  if (spanId !== undefined) fields.span_id = spanId;
  return fields;
}

/**
 * Fields of the current request, for the lines of a logger of your own:
 * `pino({ mixin: requestFields })`. `logger()` adds them by itself.
 *
 * `request_id`, `trace_id` and `span_id` need `requestId({ inLogs: true })`; a
 * span of OpenTelemetry that is active gives the last two without it. Outside of
 * a request the object is empty. It is new at each call, because pino adds the
 * fields of the line to it.
 */
export function requestFields(): RequestFields {
  return fieldsOf(scopes?.getStore());
}

/** Like `requestFields()`; undefined, at no cost, where there are none. */
export function currentFields(): RequestFields | undefined {
  const request = scopes?.getStore();
  if (request === undefined && activeSpan() === undefined) return undefined;
  return fieldsOf(request);
}
