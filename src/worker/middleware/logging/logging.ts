/**
 * Runs per request: two clock readings, and per line one object. The logger
 * takes most of the time, about 2 µs.
 */

import {
  checkOptions,
  integer,
  ofType,
} from "../../../shared/check-options.ts";
import { type Clock, monotonicClock } from "../../../shared/clock.ts";
import { accessLogger, type Logger } from "../../../shared/logging/logger.ts";
import type { Middleware } from "../../http/handler.ts";
import { statusOfError } from "../../http/http-error.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { HttpResponse } from "../../http/http-response.ts";
import { loggedHeaders } from "./logged-headers.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

export interface LoggingOptions {
  /** Default: the logger of the process. */
  readonly logger?: Logger;
  /** Level of the lines, or a function of the status. Default: "info". */
  readonly level?: LogLevel | ((status: number) => LogLevel);
  /**
   * Logs one of every `sample` responses below 400, and adds `sample` to the
   * line; responses from 400 on are always logged. Default: 1.
   */
  readonly sample?: number;
  /** Returns true to omit the line. Default: logs all. */
  readonly skip?: (request: HttpRequest, status: number) => boolean;
  /** Names of request fields to log. Default: none. */
  readonly headers?: readonly string[];
  /**
   * Names in `headers` to log as "[redacted]", in addition to Authorization,
   * Cookie and Proxy-Authorization.
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
 * An access log: one line per request, when its response is known, with
 * `method`, `route` (the pattern), `path` (without the query, which may hold
 * secrets), `status`, `duration_ms` (until the response is known, not sent),
 * `request_bytes` and `response_bytes` (body lengths, if known), `request_id`
 * and `trace_id` (see `requestId()`), `remote_address`, `peer_address` if it
 * differs, and `headers` if configured.
 *
 * An error is logged with the status it will become, and thrown on.
 *
 * @throws TypeError for an unknown or invalid option
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
    // An app is created before its process has a logger.
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

/** Returns the function that writes the line of a request. */
function lineWriter(options: LoggingOptions) {
  const { level = "info", sample = 1, skip } = options;
  const levelOf = typeof level === "function" ? level : () => level;
  const headersOf = loggedHeaders(options.headers ?? [], options.redact ?? []);
  let unloggedSuccesses = sample - 1; // the first one is logged
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
