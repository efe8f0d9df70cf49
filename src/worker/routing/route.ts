import type { Handler, Middleware } from "../http/handler.ts";
import type { MiddlewareScope } from "./middleware-scope.ts";
import type { ParsedPattern } from "./pattern.ts";

/** Options of a route. */
export interface RouteOptions {
  /** For `app.url()`; unique per pattern. */
  readonly name?: string;
  /** Longer bodies get 413. The setting `maxBodyBytes` is the upper bound. */
  readonly maxBodyBytes?: number;
  /** Time-out of the handler, replaces the setting `handlerTimeoutMs`. */
  readonly handlerTimeoutMs?: number;
  /** Middleware inside that of the group; the first one is outermost. */
  readonly middleware?: readonly Middleware[];
}

/** The handler of one method and pattern. */
export interface Route {
  readonly method: string;
  readonly pattern: ParsedPattern;
  readonly handler: Handler;
  readonly options: RouteOptions;
  /** Place of the registration, "/srv/app.js:12:5", or "" if unknown. */
  readonly place: string;
  /** Middleware of the route and of all groups around it. */
  readonly scope: MiddlewareScope;
  /** The handler folded into its middleware; before that, the handler. */
  answer: Handler;
}

const UPGRADE = "upgrade to ";

/**
 * The method under which upgrade routes are stored. It is not a token, so no
 * request has it.
 */
export function upgradeMethod(protocol: string): string {
  return UPGRADE + protocol.toLowerCase();
}

/** The protocol of an upgrade route's method; undefined for others. */
export function upgradeProtocol(method: string): string | undefined {
  return method.startsWith(UPGRADE) ? method.slice(UPGRADE.length) : undefined;
}

/** Folds a route's middleware around its handler. */
export type Fold = (route: Route) => Handler;
