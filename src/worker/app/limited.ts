/** Runs per request: one call, one comparison. */
import type { Handler } from "../http/handler.ts";

/**
 * A handler that does not run where the body is known to be longer than may
 * be. Innermost, so that of all limits the last one set counts, which is that
 * of the route.
 *
 * @param maxBodyBytes of the route, if it has one
 */
export function limited(handler: Handler, maxBodyBytes?: number): Handler {
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
