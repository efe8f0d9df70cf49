/**
 * Runs per request. A static route is one Map lookup by path and one by
 * method, and the result object; all else goes through the tree.
 *
 * Paths are compared as they were sent, segment by segment, nothing decoded:
 * "/%61dmin" is not "/admin". RFC 3986 §6.2.2 calls the two equivalent, but a
 * middleware that guards "/admin" by the path's prefix would not see the first
 * one come. Unlike in a URL normaliser, 404 is the safe answer here.
 */
import { HttpError } from "../http/errors.ts";
import { NO_PATH_PARAMS, type PathParams } from "../http/request.ts";
import { hasDotSegment } from "./dot-segment.ts";
import type { Endpoint } from "./endpoint.ts";
import { pathParamsFrom } from "./path-params.ts";
import { type Fold, type Route, upgradeProtocol } from "./route.ts";
import { RouteTree } from "./tree.ts";

/** Where a method and a path lead. */
export type Found =
  | {
      readonly type: "route";
      readonly route: Route;
      readonly params: PathParams;
    }
  /** Nothing has this path. */
  | { readonly type: "noPath" }
  /** Other methods have; `pattern` is the one that fits the path best. */
  | {
      readonly type: "otherMethods";
      readonly pattern: string;
      readonly allow: readonly string[];
    }
  /** There are upgrades only, to these protocols. */
  | {
      readonly type: "upgradeOnly";
      readonly pattern: string;
      readonly protocols: readonly string[];
    }
  /** `OPTIONS *` asks about the server, not a path (RFC 9110 §9.3.7). */
  | { readonly type: "server"; readonly allow: readonly string[] }
  /** No route has this method, and it is not a usual one either. */
  | { readonly type: "unknownMethod" };

// RFC 9110 §9.3 and RFC 5789, without CONNECT, which is for proxies.
const USUAL_METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PATCH",
]);

const NO_PATH: Found = { type: "noPath" };
const UNKNOWN_METHOD: Found = { type: "unknownMethod" };

/** All routes of a router and its groups, to be found by method and path. */
export class RouteTable {
  readonly #routes: Route[] = [];
  readonly #methods = new Set<string>();
  readonly #tree = new RouteTree();
  readonly #staticEndpoints = new Map<string, Endpoint>();
  #isSealed = false;

  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** @throws Error where the method and the same paths are taken, or sealed */
  add(route: Route): void {
    this.checkOpen(`${route.method} ${route.pattern.source}`);
    const endpoint = this.#tree.endpointOf(route.pattern);
    endpoint.add(route);
    const { staticPath } = route.pattern;
    if (staticPath !== undefined) {
      this.#staticEndpoints.set(staticPath, endpoint);
    }
    this.#routes.push(route);
    this.#methods.add(route.method);
  }

  /** @throws Error when sealed, saying that `what` came too late */
  checkOpen(what: string): void {
    if (!this.#isSealed) return;
    throw new Error(
      `${what} came too late: routes and middleware are registered before ` +
        `the first request`,
    );
  }

  /** Folds each route's middleware; from now on nothing can be added. */
  seal(fold: Fold): void {
    if (this.#isSealed) return;
    this.#isSealed = true;
    for (const route of this.#routes) {
      route.answer = fold(route.scope, route.handler);
    }
  }

  /**
   * @param path as sent, without the query
   * @throws HttpError 400 for a path that is none, has dot segments, or whose
   * parameters do not decode
   */
  find(method: string, path: string): Found {
    const route = this.#staticEndpoints.get(path)?.routeFor(method);
    if (route) return { type: "route", route, params: NO_PATH_PARAMS };
    return this.#findInTree(method, path);
  }

  #findInTree(method: string, path: string): Found {
    if (!this.#methods.has(method) && !USUAL_METHODS.has(method)) {
      return UNKNOWN_METHOD;
    }
    if (path === "*" && method === "OPTIONS") {
      return { type: "server", allow: allowFor(this.#methods) };
    }
    checkPath(path);
    const { route, values, others } = this.#tree.search(method, path);
    if (route) {
      const params = pathParamsFrom(route.pattern.names, values);
      return { type: "route", route, params };
    }
    return others.length === 0 ? NO_PATH : otherMethods(others);
  }
}

function checkPath(path: string): void {
  if (path.charCodeAt(0) !== 0x2f) {
    throw new HttpError(400, 'the path does not start with "/"');
  }
  if (hasDotSegment(path)) {
    throw new HttpError(400, 'the path has a "." or ".." segment');
  }
}

function otherMethods(endpoints: readonly Endpoint[]): Found {
  const routes = endpoints.flatMap((endpoint) => endpoint.routes);
  const methods = routes.map((route) => route.method);
  const pattern = (routes[0] as Route).pattern.source;
  const protocols = methods
    .map(upgradeProtocol)
    .filter((protocol) => protocol !== undefined);
  if (protocols.length === methods.length) {
    return { type: "upgradeOnly", pattern, protocols };
  }
  return { type: "otherMethods", pattern, allow: allowFor(methods) };
}

/** The methods with those that are answered by themselves. */
function allowFor(methods: Iterable<string>): readonly string[] {
  const allow = new Set<string>();
  for (const method of methods) {
    if (upgradeProtocol(method) !== undefined) continue;
    allow.add(method);
    if (method === "GET") allow.add("HEAD");
  }
  return [...allow.add("OPTIONS")];
}
