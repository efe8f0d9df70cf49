/**
 * Runs per request: two readings of the clock; and per line one object, most
 * of which is what the logger then makes of it, about 2 µs.
 */
import { type Clock, monotonicClock } from "../../../shared/clock.ts";
import { accessLogger, type Logger } from "../../../shared/logger.ts";
import type { Middleware } from "../../http/handler.ts";
import { statusOfError } from "../../http/http-error.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { HttpResponse } from "../../http/http-response.ts";
import { checkOptions, integer, ofType } from "../check-options.ts";
import { loggedHeaders } from "./logged-headers.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

export interface LoggingOptions {
  /** Default: the logger of the process. */
  readonly logger?: Logger;
  /** Level of the lines, also by status; default: "info". */
  readonly level?: LogLevel | ((status: number) => LogLevel);
  /**
   * One in so many answers below 400 has a line, with `sample` saying so; all
   * others always have. Default: 1, each of them.
   */
  readonly sample?: number;
  /** Whether there is to be no line. Default: there is. */
  readonly skip?: (request: HttpRequest, status: number) => boolean;
  /** Fields of the request to log as well, by name. Default: none. */
  readonly headers?: readonly string[];
  /**
   * Those of `headers` of which only "[redacted]" is logged, beside
   * Authorization, Cookie and Proxy-Authorization.
   */
  readonly redact?: readonly string[];
  /** Default: the monotonic clock of the process. */
  readonly clock?: Clock;
}

const LEVELS: readonly unknown[] = ["trace", "debug", "info", "warn", "error"];
const isNames = (value: unknown) =>
  Array.isArray(value) && value.every((name) => typeof name === "string");
const NAMES = { isValid: isNames, valid: "an array of field names" };

/**
 * An access log: one line for each request, when its answer is known, with
 * `method`, `route` (the pattern), `path` (never the query, which may hold
 * secrets), `status`, `duration_ms` (until the answer, not until it is sent),
 * `request_bytes` and `response_bytes` (of the bodies, where they are known),
 * `request_id` and `trace_id` (see `requestId()`), `remote_address`, and
 * `peer_address` where that is another, `headers` where asked for.
 *
 * What is thrown through it is logged with the status it will become, and
 * thrown on.
 *
 * @throws TypeError for an option that is none
 */
export function logging(options: LoggingOptions = {}): Middleware {
  checkOptions("logging()", options, {
    logger: { isValid: (value) => !!value, valid: "a pino logger" },
    level: {
      isValid: (value) => typeof value === "function" || LEVELS.includes(value),
      valid: `${LEVELS.join(", ")} or a function`,
    },
    sample: integer(1, Number.MAX_SAFE_INTEGER),
    skip: ofType("function"),
    headers: NAMES,
    redact: NAMES,
    clock: { isValid: (value) => !!value, valid: "a clock" },
  });
  const { clock = monotonicClock, level = "info" } = options;
  const write = lineWriter(options);
  return (request, next) => {
    // Not at creation: an app is made before its process has a logger.
    const logger = options.logger ?? accessLogger();
    if (typeof level === "string" && !logger.isLevelEnabled(level)) {
      return next(request);
    }
    const startedAt = clock.now();
    const answered = (response: HttpResponse) => {
      const { status } = response;
      write(logger, { request, response, status }, clock.now() - startedAt);
      return response;
    };
    const failed = (error: unknown): never => {
      const status = statusOfError(error);
      write(logger, { request, status }, clock.now() - startedAt);
      throw error;
    };
    try {
      const answer = next(request);
      if (answer instanceof HttpResponse) return answered(answer);
      return Promise.resolve(answer).then(answered, failed);
    } catch (error) {
      return failed(error);
    }
  };
}

interface Logged {
  readonly request: HttpRequest;
  readonly response?: HttpResponse;
  readonly status: number;
}

/** Writes the line of a request, if it is to have one. */
function lineWriter(options: LoggingOptions) {
  const { level = "info", sample = 1, skip } = options;
  const levelOf = typeof level === "function" ? level : () => level;
  const headersOf = loggedHeaders(options.headers ?? [], options.redact ?? []);
  let unloggedSuccesses = sample - 1; // the first one has a line
  return (logger: Logger, logged: Logged, durationMs: number) => {
    const { request, status } = logged;
    if (skip?.(request, status)) return;
    const isSampled = sample > 1 && status < 400;
    if (isSampled && ++unloggedSuccesses < sample) return;
    if (isSampled) unloggedSuccesses = 0;
    const { remoteAddress, peerAddress } = request;
    const line = {
      method: request.method,
      route: request.route,
      path: request.path,
      status,
      duration_ms: Math.round(durationMs * 1000) / 1000,
      request_bytes: request.body.byteLength,
      response_bytes: responseBytes(logged),
      request_id: request.id,
      trace_id: request.trace?.traceId,
      remote_address: remoteAddress,
      peer_address: peerAddress === remoteAddress ? undefined : peerAddress,
      headers: headersOf(request),
      sample: isSampled ? sample : undefined,
    };
    logger[levelOf(status)](line, "request");
  };
}

function responseBytes({ request, response }: Logged): number | undefined {
  if (!response) return undefined;
  const { body } = response;
  if (body === null || request.method === "HEAD") return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  const declared = response.fields?.get("content-length");
  return declared === undefined ? undefined : Number(declared);
}
