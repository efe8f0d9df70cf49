/** Runs per request: one check of the result, one promise if asynchronous. */
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse } from "../http/http-response.ts";
import { isThenable } from "../http/is-thenable.ts";
import type { AnswerError } from "./error-handler.ts";
import { responseFrom } from "./response-from.ts";

/**
 * Returns a handler that always answers: errors become responses, and a result
 * that is not a response is an error. It is synchronous if `handler` is.
 */
export function guarded(handler: Handler, answerError: AnswerError): Handler {
  return (request) => {
    try {
      const answer: unknown = handler(request);
      if (answer instanceof HttpResponse) return answer;
      if (isThenable(answer)) return settled(answer, request, answerError);
      return responseFrom(answer, request);
    } catch (error) {
      return answerError(error, request);
    }
  };
}

async function settled(
  answer: PromiseLike<unknown>,
  request: HttpRequest,
  answerError: AnswerError,
): Promise<HttpResponse> {
  try {
    return responseFrom(await answer, request);
  } catch (error) {
    return answerError(error, request);
  }
}
