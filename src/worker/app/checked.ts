/** Runs per request to a route that has middleware of its own. */
import type { Handler } from "../http/handler.ts";
import { HttpResponse } from "../http/http-response.ts";
import { isThenable } from "../http/is-thenable.ts";
import { responseFrom } from "./response-from.ts";

/**
 * A handler that throws where it would return what is no response: so says the
 * log, and not that some middleware could not read `undefined.headers`.
 */
export function checked(handler: Handler): Handler {
  return (request) => {
    const answer: unknown = handler(request);
    if (answer instanceof HttpResponse) return answer;
    if (!isThenable(answer)) return responseFrom(answer, request);
    return Promise.resolve(answer).then((value) =>
      responseFrom(value, request),
    );
  };
}
