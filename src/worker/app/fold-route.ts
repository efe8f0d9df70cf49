/** Runs at start; the handlers that it returns run per request. */
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse } from "../http/http-response.ts";
import { isThenable } from "../http/is-thenable.ts";
import { compose } from "../middleware/compose.ts";
import type { Route } from "../routing/route.ts";
import type { AnswerError } from "./error-handler.ts";
import { responseFrom } from "./response-from.ts";

/** Folds a route's middleware around its handler. */
export function foldRoute({ scope, handler, options }: Route): Handler {
  const middleware = scope.all();
  const innermost = withBodyLimit(handler, options.maxBodyBytes);
  if (middleware.length === 0) return innermost;
  return compose(middleware, checked(innermost));
}

/**
 * Does not run the handler if the body is known to be too long. It is
 * innermost, so that a route's limit replaces those of middleware.
 *
 * @param maxBodyBytes the limit of the route, if it has one
 */
function withBodyLimit(handler: Handler, maxBodyBytes?: number): Handler {
  if (maxBodyBytes === undefined) {
    return (request) => {
      request.body.checkLimit();
      return handler(request);
    };
  }
  return (request) => {
    request.body.limitTo(maxBodyBytes);
    request.body.checkLimit();
    return handler(request);
  };
}

/**
 * Throws if a handler returns no response. Otherwise middleware would fail on
 * `undefined.headers`, and the log would not name the handler.
 */
function checked(handler: Handler): Handler {
  return (request) => {
    const answer: unknown = handler(request);
    if (answer instanceof HttpResponse) return answer;
    if (!isThenable(answer)) return responseFrom(answer, request);
    return Promise.resolve(answer).then((value) =>
      responseFrom(value, request),
    );
  };
}

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
