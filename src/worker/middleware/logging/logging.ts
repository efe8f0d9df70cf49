/**
 * Runs per request: two clock readings, and per line one object. The logger
 * takes most of the time, about 2 µs.
 */

import {
  checkOptions,
  integer,
  ofType,
  oneOf,
} from "../../../shared/check-options.ts";
import { type Clock, monotonicClock } from "../../../shared/clock.ts";
import {
  accessLines,
  accessLogger,
  type Logger,
} from "../../../shared/logging/logger.ts";
import type { Middleware } from "../../http/handler.ts";
import { statusOfError } from "../../http/http-error.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { HttpResponse } from "../../http/http-response.ts";
import { apacheLine } from "./apache-line.ts";
import { jsonLine } from "./json-line.ts";
import type { LoggedRequest } from "./logged-request.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

export interface LoggingOptions {
  /**
   * Format of the lines: "json", or "combined" or "common" as of Apache, for
   * programs that read those. They go to the log as they are. Default: "json".
   */
  readonly format?: "json" | "combined" | "common";
  /** For "json". Default: the logger of the process. */
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
  /**
   * Whether the lines have the query, also that of the Referer; it may hold
   * secrets. Default: false.
   */
  readonly query?: boolean;
  /**
   * For "combined" and "common": the name of the request's user, if it has one.
   * Default: none has.
   */
  readonly user?: (request: HttpRequest) => string | undefined;
  /** For "json": names of request fields to log. Default: none. */
  readonly headers?: readonly string[];
  /**
   * For "json": names in `headers` to log as "[redacted]". Names that say that
   * they are secret always are: those with "authorization", "cookie", "token",
   * "secret", "password", "api-key", "jwt" or "credential" in them.
   */
  readonly redact?: readonly string[];
  /** Default: the monotonic clock of the process. */
  readonly clock?: Clock;
}

type WriteLine = (logger: Logger, logged: LoggedRequest) => void;

const LEVELS: readonly unknown[] = ["trace", "debug", "info", "warn", "error"];
const isNames = (value: unknown) =>
  Array.isArray(value) && value.every((name) => typeof name === "string");
const NAMES = { isValid: isNames, valid: "an array of field names" };

/**
 * An access log: one line per request, when its response is known, with
 * `method`, `route` (the pattern), `path` (without the query, which may hold
 * secrets), `status`, `duration_ms` (until the response is known, not sent),
 * `request_bytes` and `response_bytes` (body lengths, if known), `request_id`,
 * `trace_id` and `span_id` (see `requestId()`), `remote_address`,
 * `peer_address` if it differs, and `query` and `headers` if configured.
 *
 * An error is logged with the status it will become, and thrown on.
 *
 * @throws TypeError for an unknown or invalid option, and for one that has no
 * effect with the format
 */
export function logging(options: LoggingOptions = {}): Middleware {
  checkOptions("logging()", options, {
    format: oneOf("json", "combined", "common"),
    logger: { isValid: (value) => !!value, valid: "a pino logger" },
    level: {
      isValid: (value) => typeof value === "function" || LEVELS.includes(value),
      valid: `${LEVELS.join(", ")} or a function`,
    },
    sample: integer(1, Number.MAX_SAFE_INTEGER),
    skip: ofType("function"),
    query: ofType("boolean"),
    user: ofType("function"),
    headers: NAMES,
    redact: NAMES,
    clock: { isValid: (value) => !!value, valid: "a clock" },
  });
  checkFormat(options);
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
      const durationMs = clock.now() - startedAt;
      write(logger, { request, response, status, durationMs });
      return response;
    };
    const failed = (error: unknown): never => {
      const status = statusOfError(error);
      write(logger, { request, status, durationMs: clock.now() - startedAt });
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

/** Returns the function that writes the line of a request. */
function lineWriter(options: LoggingOptions): WriteLine {
  const { level = "info", sample = 1, skip } = options;
  const { format = "json", query: hasQuery = false, user } = options;
  const { headers = [], redact = [] } = options;
  const levelOf = typeof level === "function" ? level : () => level;
  const jsonOf = jsonLine({ headers, redact, hasQuery });
  const apacheOf =
    format === "json" ? undefined : apacheLine({ format, hasQuery, user });
  let unloggedSuccesses = sample - 1; // the first one is logged
  return (logger, logged) => {
    const { request, status } = logged;
    if (skip?.(request, status)) return;
    const isSampled = sample > 1 && status < 400;
    if (isSampled && ++unloggedSuccesses < sample) return;
    if (isSampled) unloggedSuccesses = 0;
    const lineLevel = levelOf(status);
    if (!apacheOf) {
      const line = jsonOf(logged, isSampled ? sample : undefined);
      logger[lineLevel](line, "request");
    } else if (logger.isLevelEnabled(lineLevel)) {
      accessLines().write(apacheOf(logged));
    }
  };
}

/** @throws TypeError for options that have no effect with the format */
function checkFormat(options: LoggingOptions): void {
  const { format = "json", user } = options;
  if (format === "json") {
    if (user === undefined) return;
    throw new TypeError('logging() takes "user" only with another format');
  }
  for (const name of ["logger", "headers", "redact"] as const) {
    if (options[name] === undefined) continue;
    throw new TypeError(
      `logging() takes "${name}" only with the format "json"`,
    );
  }
}
