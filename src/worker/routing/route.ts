import type { Handler, Middleware } from "../http/handler.ts";
import type { MiddlewareScope } from "./middleware-scope.ts";
import type { ParsedPattern } from "./pattern.ts";

/** What a route may have beside its handler. */
export interface RouteOptions {
  /** For `app.url()`; one name, one pattern. */
  readonly name?: string;
  /** Longer bodies get 413; the setting `maxBodyBytes` stays the most. */
  readonly maxBodyBytes?: number;
  /** How long the handler may take, instead of `handlerTimeoutMs`. */
  readonly handlerTimeoutMs?: number;
  /** Inside that of the group, the first one outermost. */
  readonly middleware?: readonly Middleware[];
}

/** What one method of one pattern is answered by. */
export interface Route {
  readonly method: string;
  readonly pattern: ParsedPattern;
  readonly handler: Handler;
  readonly options: RouteOptions;
  /** Where it was registered: "/srv/app.js:12:5", or "" if not known. */
  readonly place: string;
  /** The middleware around the handler: its group's, and of those around. */
  readonly scope: MiddlewareScope;
  /** The handler with its middleware folded around; the handler until then. */
  answer: Handler;
}

/** Where a route was registered, as a part of a message. */
export function at(place: string): string {
  return place === "" ? "" : ` (${place})`;
}

const UPGRADE = "upgrade to ";

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

/** Folds a route's middleware, the outermost first, around its handler. */
export type Fold = (route: Route) => Handler;
