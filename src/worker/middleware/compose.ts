/** Runs at start; a request costs one plain call per middleware. */
import type { Handler, Middleware } from "../http/handler.ts";

/**
 * Folds middleware, the first one outermost, and a handler into one handler.
 * The result is synchronous if all of them are. Outer middleware can catch
 * errors of inner middleware and of the handler.
 *
 * Middleware may call `next` late or repeatedly; each call runs the inner chain
 * again. A check against that would cost each request a closure.
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
