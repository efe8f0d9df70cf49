/** Runs per request: two readings of the clock, one object, one line. */
import { type Clock, monotonicClock } from "../../shared/clock.ts";
import { type Logger, processLogger } from "../../shared/logger.ts";
import { statusOfError } from "../http/errors.ts";
import type { Middleware } from "../http/handler.ts";
import type { HttpRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";

export interface LoggingOptions {
  /** Default: the logger of the process. */
  readonly logger?: Logger;
  /** Level of the lines; default: "info". */
  readonly level?: "trace" | "debug" | "info" | "warn" | "error";
  /** Default: the monotonic clock of the process. */
  readonly clock?: Clock;
}

/**
 * An access log: one line for each request, when its answer is known, with
 * `method`, `route` (the pattern), `path` (never the query, which may hold
 * secrets), `status`, `duration_ms` (until the answer, not until it is sent)
 * and `remote_address`.
 *
 * What is thrown through it is logged with the status it will become, and
 * thrown on.
 */
export function logging(options: LoggingOptions = {}): Middleware {
  const { level = "info", clock = monotonicClock } = options;
  return (request, next) => {
    // Not at creation: an app is made before its process has a logger.
    const logger = options.logger ?? processLogger();
    if (!logger.isLevelEnabled(level)) return next(request);

    const startedAt = clock.now();
    const log = (status: number) =>
      logger[level](line(request, status, clock.now() - startedAt), "request");
    const answered = (response: HttpResponse) => {
      log(response.status);
      return response;
    };
    const failed = (error: unknown): never => {
      log(statusOfError(error));
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

function line(request: HttpRequest, status: number, durationMs: number) {
  return {
    method: request.method,
    route: request.route,
    path: request.path,
    status,
    duration_ms: Math.round(durationMs * 1000) / 1000,
    remote_address: request.remoteAddress,
  };
}
