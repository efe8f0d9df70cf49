/** Runs per request: sets one number. */

import { checkOptions, integer, required } from "../../shared/check-options.ts";
import type { Middleware } from "../http/handler.ts";

export interface BodyLimitOptions {
  /** Longest request body in bytes; a longer one gets 413. */
  readonly maxBytes: number;
}

/**
 * Limits the length of request bodies (RFC 9110 §15.5.14). If a request
 * declares a longer body, it gets 413 before the handler runs, and no
 * `100 Continue`. Otherwise reading the body throws an `HttpError` 413 as soon
 * as the limit is exceeded.
 *
 * The innermost limit applies, whether lower or higher: a group's replaces the
 * app's, and a route's option `maxBodyBytes` replaces both. No limit exceeds
 * the setting `maxBodyBytes`.
 *
 * @throws TypeError for an unknown, invalid or missing option
 */
export function bodyLimit(options: BodyLimitOptions): Middleware {
  checkOptions("bodyLimit()", options, {
    maxBytes: required(integer(0, Number.MAX_SAFE_INTEGER)),
  });
  const { maxBytes } = options;
  return (request, next) => {
    request.body.limitTo(maxBytes);
    return next(request);
  };
}
