/**
 * Runs once, at start; per request nothing is left of it but plain calls.
 */
import type { Handler, Middleware } from "../http/handler.ts";

/**
 * Folds middleware, the first one outermost, and a handler into one handler.
 * It answers in the same tick if all of them do, and what one throws the ones
 * around it catch, if they want.
 *
 * `next` may be called at any time, and twice as well: each call runs the rest
 * of the chain again. To forbid that would cost every request a closure.
 */
export function compose(
  middleware: readonly Middleware[],
  handler: Handler,
): Handler {
  return middleware.reduceRight<Handler>(
    (next, around) => (request) => around(request, next),
    handler,
  );
}
