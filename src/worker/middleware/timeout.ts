/** Runs per request: one timer, unless the handler answers synchronously. */

import { checkOptions, integer, required } from "../../shared/check-options.ts";
import { MAX_TIMER_MS } from "../../shared/max-timer-ms.ts";
import { loggable, nameOf } from "../../shared/thrown-value.ts";
import { discardBody } from "../http/body/chunk-source.ts";
import type { Middleware } from "../http/handler.ts";
import { HttpError, RequestAborted } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse } from "../http/http-response.ts";

export interface TimeoutOptions {
  /** Longest time until the response is known, 1 to 2,147,483,647 ms. */
  readonly timeoutMs: number;
  /** 504 is for a gateway whose upstream is slow. Default: 503. */
  readonly status?: 503 | 504;
}

/**
 * Ends a request whose handler takes too long: it throws an `HttpError` 503 or
 * 504, `request.signal` aborts, and reading the request body throws
 * `RequestAborted`. A response that the handler returns later is discarded.
 *
 * The time includes receiving the request body, and excludes sending a
 * streamed response.
 *
 * @throws TypeError for an unknown, invalid or missing option
 */
export function timeout(options: TimeoutOptions): Middleware {
  checkOptions("timeout()", options, {
    timeoutMs: required(integer(1, MAX_TIMER_MS)),
    status: {
      isValid: (value) => value === 503 || value === 504,
      valid: "503 or 504",
    },
  });
  const { timeoutMs, status = 503 } = options;
  return (request, next) => {
    const answer = next(request);
    if (answer instanceof HttpResponse) return answer;
    return inTime(answer, request, { timeoutMs, status });
  };
}

function inTime(
  answer: Promise<HttpResponse>,
  request: HttpRequest,
  { timeoutMs, status }: Required<TimeoutOptions>,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new HttpError(status, "the answer took too long"));
      request.abort(new RequestAborted("the answer took too long"));
    }, timeoutMs);
    answer.then(
      (response) => {
        clearTimeout(timer);
        if (isLate) discardBody(response);
        else resolve(response);
      },
      (error) => {
        clearTimeout(timer);
        if (isLate) logLateError(error, request);
        else reject(error);
      },
    );
  });
}

/** Logs an error that no middleware sees, unless the abort caused it. */
function logLateError(error: unknown, request: HttpRequest): void {
  if (/^(?:Request)?Abort/.test(nameOf(error))) return;
  const what = `${request.method} ${request.path} failed after its time`;
  request.log.warn({ err: loggable(error) }, what);
}
