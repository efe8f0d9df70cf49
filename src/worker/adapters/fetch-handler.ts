import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpStatus } from "../http/http-status.ts";
import { problem } from "../http/response-helpers.ts";
import { fromFetchResponse } from "./from-fetch-response.ts";
import { LightRequest } from "./light-request.ts";
import { replaceGlobals } from "./replace-globals.ts";

/**
 * `app.fetch` of Hono and its like. The second argument is the server's own
 * request, which knows more: `remoteAddress`, `handlerTimeoutMs`, … Hono calls
 * it `c.env`.
 */
export type FetchLikeHandler = (
  request: Request,
  served: HttpRequest,
) => Response | Promise<Response>;

/** RFC 9110 §9.3.6, §9.3.8: `Request` refuses to have these. */
const NO_METHODS_OF_FETCH = new Set(["CONNECT", "TRACE", "TRACK"]);

export interface FetchHandlerOptions {
  /**
   * Whether the globals `Request`, `Response` and `fetch` of the process are
   * replaced by ones that cost less; they do the same. Default: true.
   */
  readonly replaceGlobals?: boolean;
}

/**
 * A handler that runs one in the style of `fetch`: what it throws becomes a
 * 500, as elsewhere.
 *
 * @throws TypeError for what is no function
 */
export function fetchHandler(
  handler: FetchLikeHandler,
  options: FetchHandlerOptions = {},
): Handler {
  if (typeof handler !== "function") {
    throw new TypeError(
      "a fetch handler is a function of a Request, as Hono's app.fetch, " +
        `not ${typeof handler}`,
    );
  }
  const { replaceGlobals: isLight = true } = options;
  if (isLight) replaceGlobals();
  return (request) => {
    if (NO_METHODS_OF_FETCH.has(request.method.toUpperCase())) {
      return problem(HttpStatus.NotImplemented);
    }
    const light = new LightRequest(request);
    const asked = isLight ? (light as unknown as Request) : light.native();
    const response = handler(asked, request);
    if (!(response instanceof Promise)) {
      return fromFetchResponse(response, request);
    }
    return response.then((value) => fromFetchResponse(value, request));
  };
}
