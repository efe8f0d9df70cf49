import { runInScope } from "../../shared/logging/request-scope.ts";
import type { Answer } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { isThenable } from "../http/is-thenable.ts";
import { errorResponse } from "./error-response.ts";
import { responseFrom } from "./response-from.ts";

type MaybeResponse = HttpResponse | undefined;

/** Returns the response for an error; undefined passes the error on. */
export type ErrorHandler = (
  error: unknown,
  request: HttpRequest,
) => MaybeResponse | Promise<MaybeResponse>;

/** Turns an error into a response. Must neither throw nor reject. */
export type AnswerError = (error: unknown, request: HttpRequest) => Answer;

/** Calls error handlers in order, and falls back to `errorResponse()`. */
export function answerErrorBy(handlers: readonly ErrorHandler[]): AnswerError {
  if (handlers.length === 0) return errorResponse;
  return async (error, request) => {
    let current = error;
    for (const handler of handlers) {
      try {
        const answer = call(handler, current, request);
        const settled = isThenable(answer) ? await answer : answer;
        if (settled !== undefined) return responseFrom(settled, request);
      } catch (thrown) {
        current = thrown; // replaces the error
      }
    }
    return errorResponse(current, request);
  };
}

/** Outside of the middleware, so the scope for log lines is opened again. */
function call(
  handler: ErrorHandler,
  error: unknown,
  request: HttpRequest,
): unknown {
  if (!request.isInLogs) return handler(error, request);
  return runInScope(request, () => handler(error, request));
}
