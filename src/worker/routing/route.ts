import type { Handler } from "../http/handler.ts";
import type { MiddlewareScope } from "./middleware-scope.ts";
import type { ParsedPattern } from "./pattern.ts";

/** What one method of one pattern is answered by. */
export interface Route {
  readonly method: string;
  readonly pattern: ParsedPattern;
  readonly handler: Handler;
  /** The middleware around the handler: its group's, and of those around. */
  readonly scope: MiddlewareScope;
  /** The handler with its middleware folded around; the handler until then. */
  answer: Handler;
}

/**
 * The method under which the route of an upgrade is kept. It is no token, so
 * no request has it.
 */
export function upgradeMethod(protocol: string): string {
  return UPGRADE + protocol.toLowerCase();
}

/** The protocol of an upgrade's route; undefined for other methods. */
export function upgradeProtocol(method: string): string | undefined {
  return method.startsWith(UPGRADE) ? method.slice(UPGRADE.length) : undefined;
}

const UPGRADE = "upgrade to ";

/** Folds middleware, the outermost first, and a handler into one handler. */
export type Fold = (scope: MiddlewareScope, handler: Handler) => Handler;
