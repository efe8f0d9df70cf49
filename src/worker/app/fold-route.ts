/** Runs at start. The result runs per request. */
import type { Handler } from "../http/handler.ts";
import { HttpResponse } from "../http/http-response.ts";
import { isThenable } from "../http/is-thenable.ts";
import { compose } from "../middleware/compose.ts";
import type { Route } from "../routing/route.ts";
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
