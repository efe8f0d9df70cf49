import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpStatus } from "../http/http-status.ts";
import { problem } from "../http/response-helpers.ts";
import { fromFetchResponse } from "./from-fetch-response.ts";
import { LightRequest } from "./light-request.ts";
import { replaceGlobals } from "./replace-globals.ts";

/**
 * `app.fetch` of Hono and similar frameworks. The second argument is the
 * server's own request, with `remoteAddress`, `handlerTimeoutMs` and more; Hono
 * calls it `c.env`.
 */
export type FetchLikeHandler = (
  request: Request,
  served: HttpRequest,
) => Response | Promise<Response>;

/** Methods that `Request` forbids (RFC 9110 §9.3.6, §9.3.8). */
const FORBIDDEN_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);

export interface FetchHandlerOptions {
  /**
   * Whether to replace the globals `Request`, `Response` and `fetch` of the
   * process by faster equivalents. Default: true.
   */
  readonly replaceGlobals?: boolean;
}

/**
 * A handler that runs a function in the style of `fetch`. Its errors become a
 * response, as those of other handlers do.
 *
 * @throws TypeError unless it is a function
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
    if (FORBIDDEN_METHODS.has(request.method.toUpperCase())) {
      return problem(HttpStatus.NotImplemented);
    }
    const light = new LightRequest(request);
    const given = isLight ? (light as unknown as Request) : light.native();
    const response = handler(given, request);
    if (!(response instanceof Promise)) {
      return fromFetchResponse(response, request);
    }
    return response.then((value) => fromFetchResponse(value, request));
  };
}
