/** Runs per request. */
import { NO_PATH_PARAMS, type PathParams } from "../http/http-request.ts";
import { type RadixMatch, RadixTree } from "./radix-tree.ts";
import { at, type Route } from "./route.ts";

/** A route and the values of its parameters. */
export interface FoundRoute {
  readonly type: "route";
  readonly route: Route;
  readonly params: PathParams;
}

/** The routes of one method. */
export class MethodRoutes {
  /** What is found there is the same each time. */
  readonly #statics = new Map<string, FoundRoute>();
  readonly #tree = new RadixTree();

  /** @throws Error naming both, where the same paths are taken */
  add(route: Route): void {
    const replaces = (earlier: Route) => earlier.method !== route.method;
    const earlier = this.#tree.add(route, replaces);
    if (earlier) throw neverReached(route, earlier);
    this.#addStatic(route);
  }

  /** Adds a route of another method, where none of this one is. */
  addFallback(route: Route): void {
    if (!this.#tree.add(route, () => false)) this.#addStatic(route);
  }

  /** @param path with no parameter in its pattern */
  atStatic(path: string): FoundRoute | undefined {
    return this.#statics.get(path);
  }

  /** @throws HttpError 400 for a bad escape */
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
    `${route.method} ${route.pattern.source}${at(route.place)} would never ` +
      `be reached: the paths are those of ${earlier.method} ` +
      `${earlier.pattern.source}${at(earlier.place)}`,
  );
}
