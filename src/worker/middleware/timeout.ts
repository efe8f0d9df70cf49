/** Runs per request: a timer where the answer is not there at once. */
import { processLogger } from "../../shared/logger.ts";
import { loggable, nameOf } from "../../shared/thrown-value.ts";
import { discardBody } from "../http/discard-body.ts";
import { HttpError, RequestAborted } from "../http/errors.ts";
import type { Middleware } from "../http/handler.ts";
import type { HttpRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { checkOptions, integer } from "./check-options.ts";

export interface TimeoutOptions {
  /** How long the answer may take. */
  readonly timeoutMs: number;
  /** 504 where it is another server that is slow. Default: 503. */
  readonly status?: 503 | 504;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Answers by itself where an answer takes too long: `request.signal` aborts,
 * who waits for the body gets `RequestAborted`, and what is thrown is an
 * `HttpError` 503 or 504. What the handler answers later is let go.
 *
 * All time counts until the answer is known, also that in which the client
 * sends its body, but not that of a body in pieces.
 *
 * @throws TypeError for an option that is none, or missing
 */
export function timeout(options: TimeoutOptions): Middleware {
  checkOptions("timeout()", options, {
    timeoutMs: integer(1, MAX_TIMER_MS),
    status: {
      isValid: (value) => value === 503 || value === 504,
      valid: "503 or 504",
    },
  });
  const { timeoutMs, status = 503 } = options;
  if (timeoutMs === undefined) {
    throw new TypeError("timeout() needs the option timeoutMs");
  }
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
        if (isLate) noteLateError(error, request);
        else reject(error);
      },
    );
  });
}

/** Nobody else hears of it; that it was aborted is no news. */
function noteLateError(error: unknown, request: HttpRequest): void {
  if (/^(?:Request)?Abort/.test(nameOf(error))) return;
  const what = `${request.method} ${request.path} failed after its time`;
  processLogger().warn({ err: loggable(error), request_id: request.id }, what);
}
