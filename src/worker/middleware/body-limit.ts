/** Runs per request: one number is set. */
import type { Middleware } from "../http/handler.ts";
import { checkOptions, integer } from "./check-options.ts";

export interface BodyLimitOptions {
  /** Longer bodies get 413. */
  readonly maxBytes: number;
}

/**
 * Limits the bodies of requests (RFC 9110 §15.5.14). Where the length is
 * declared, a longer one gets 413 before the handler runs, and no
 * `100 Continue`; else who reads the body gets an `HttpError` 413 once more
 * than that has come.
 *
 * The limit set last counts: that of a group over that of the app, and a
 * route's option `maxBodyBytes` over both, be it less or more. The setting
 * `maxBodyBytes` stays the most.
 *
 * @throws TypeError for an option that is none, or missing
 */
export function bodyLimit(options: BodyLimitOptions): Middleware {
  checkOptions("bodyLimit()", options, {
    maxBytes: integer(0, Number.MAX_SAFE_INTEGER),
  });
  const { maxBytes } = options;
  if (maxBytes === undefined) {
    throw new TypeError("bodyLimit() needs the option maxBytes");
  }
  return (request, next) => {
    request.body.limitTo(maxBytes);
    return next(request);
  };
}
