/** Runs per request: one check of what comes back, one promise if it waits. */
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse } from "../http/http-response.ts";
import { isThenable } from "../http/is-thenable.ts";
import type { AnswerError } from "./error-handler.ts";
import { responseFrom } from "./response-from.ts";

/**
 * A handler that always answers: errors become responses, and to return what
 * is no response is an error. It answers in the same tick if the handler does.
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
