/** Runs per request. */
import { NO_PATH_PARAMS, type PathParams } from "../http/http-request.ts";
import { type RadixMatch, RadixTree } from "./radix-tree.ts";
import { at } from "./registration-place.ts";
import type { Route } from "./route.ts";

/** A matching route with its parameters. */
export interface FoundRoute {
  readonly type: "route";
  readonly route: Route;
  readonly params: PathParams;
}

/** The routes of one method. */
export class MethodRoutes {
  /** One result per static path, reused for all requests. */
  readonly #statics = new Map<string, FoundRoute>();
  readonly #tree = new RadixTree();

  /** @throws Error that names both routes if the paths are taken */
  add(route: Route): void {
    const replaces = (earlier: Route) => earlier.method !== route.method;
    const earlier = this.#tree.add(route, replaces);
    if (earlier) throw neverReached(route, earlier);
    this.#addStatic(route);
  }

  /** Adds the route of another method unless this method has one. */
  addFallback(route: Route): void {
    if (!this.#tree.add(route, () => false)) this.#addStatic(route);
  }

  /** Looks up a static route. */
  atStatic(path: string): FoundRoute | undefined {
    return this.#statics.get(path);
  }

  /** @throws HttpError 400 for a malformed escape */
  readonly find = (path: string): RadixMatch | undefined => {
    return this.#tree.find(path);
  };

  #addStatic(route: Route): void {
    const { staticPath } = route.pattern;
    if (staticPath === undefined) return;
    const found = { type: "route", route, params: NO_PATH_PARAMS } as const;
    this.#statics.set(staticPath, found);
  }
}

function neverReached(route: Route, earlier: Route): Error {
  return new Error(
    `${route.method} ${route.pattern.source}${at(route)} would never ` +
      `be reached: the paths are those of ${earlier.method} ` +
      `${earlier.pattern.source}${at(earlier)}`,
  );
}
