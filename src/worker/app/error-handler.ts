import type { Answer } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { isThenable } from "../http/is-thenable.ts";
import { errorResponse } from "./error-response.ts";
import { responseFrom } from "./response-from.ts";

type MaybeResponse = HttpResponse | undefined;

/**
 * Answers what a handler threw. Without a response the error becomes what it
 * would have become anyway.
 */
export type ErrorHandler = (
  error: unknown,
  request: HttpRequest,
) => MaybeResponse | Promise<MaybeResponse>;

/** The answer that an error becomes; must neither throw nor reject. */
export type AnswerError = (error: unknown, request: HttpRequest) => Answer;

/** Asks the error handlers in their order, and answers by itself in the end. */
export function answerErrorBy(handlers: readonly ErrorHandler[]): AnswerError {
  if (handlers.length === 0) return errorResponse;
  return async (error, request) => {
    let current = error;
    for (const handler of handlers) {
      try {
        const answer: unknown = handler(current, request);
        const settled = isThenable(answer) ? await answer : answer;
        if (settled !== undefined) return responseFrom(settled, request);
      } catch (thrown) {
        current = thrown; // what it threw is the error from here on
      }
    }
    return errorResponse(current, request);
  };
}
