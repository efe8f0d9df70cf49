/**
 * Runs per request. A static route is one Map lookup by method and one by
 * path; all else goes through the method's tree.
 *
 * Paths are compared as they were sent, segment by segment, nothing decoded:
 * "/%61dmin" is not "/admin". RFC 3986 §6.2.2 calls the two equivalent, but a
 * middleware that guards "/admin" by the path's prefix would not see the first
 * one come. Unlike in a URL normaliser, 404 is the safe answer here.
 */
import { HttpError } from "../http/http-error.ts";
import { byPrecedence } from "./by-precedence.ts";
import { hasDotSegment } from "./dot-segment.ts";
import { type FoundRoute, MethodRoutes } from "./method-routes.ts";
import { pathParamsFrom } from "./path-params.ts";
import { at, type Fold, type Route, upgradeProtocol } from "./route.ts";

/** Where a method and a path lead. */
export type Found =
  | FoundRoute
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
  readonly #byMethod = new Map<string, MethodRoutes>();
  readonly #byName = new Map<string, Route>();
  #closedBy: string | undefined = undefined;

  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** The route of that name. */
  named(name: string): Route | undefined {
    return this.#byName.get(name);
  }

  /**
   * @throws Error where the method and the same paths, or the name, are taken,
   * or it is closed
   */
  add(route: Route): void {
    this.checkOpen(`${route.method} ${route.pattern.source}`);
    this.#checkName(route);
    this.#methodRoutes(route.method).add(route);
    if (route.method === "GET") this.#methodRoutes("HEAD").addFallback(route);
    this.#routes.push(route);
    const { name } = route.options;
    if (name !== undefined) this.#byName.set(name, route);
  }

  /** @throws Error when closed, saying that `what` came too late */
  checkOpen(what: string): void {
    if (this.#closedBy === undefined) return;
    throw new Error(
      `${what} came too late: routes and middleware are registered before ` +
        this.#closedBy,
    );
  }

  /** From now on nothing can be added. @param event "the first request" */
  close(event: string): void {
    this.#closedBy ??= event;
  }

  /** Folds each route's middleware; from now on nothing can be added. */
  seal(fold: Fold): void {
    this.close("the first request");
    for (const route of this.#routes) {
      route.answer = fold(route);
    }
  }

  /**
   * @param path as sent, without the query
   * @throws HttpError 400 for a path that is none, has dot segments, or whose
   * parameters do not decode
   */
  find(method: string, path: string): Found {
    const routes = this.#byMethod.get(method);
    const found = routes?.atStatic(path);
    if (found) return found;
    if (!routes && !USUAL_METHODS.has(method)) return UNKNOWN_METHOD;
    if (path === "*" && method === "OPTIONS") {
      return { type: "server", allow: allowFor(this.#ownMethods()) };
    }
    checkPath(path);
    const match = routes?.find(path);
    if (!match) return this.#withoutMethod(path);
    const params = pathParamsFrom(match.route.pattern.names, match.values);
    return { type: "route", route: match.route, params };
  }

  /** What there is at the path for other methods. */
  #withoutMethod(path: string): Found {
    const routes: Route[] = [];
    for (const [method, { find }] of this.#byMethod) {
      const route = find(path)?.route;
      if (route?.method === method) routes.push(route);
    }
    routes.sort(byPrecedence);
    const [best] = routes;
    if (!best) return NO_PATH;
    const methods = routes.map((route) => route.method);
    const pattern = best.pattern.source;
    const protocols = methods
      .map(upgradeProtocol)
      .filter((protocol) => protocol !== undefined);
    return protocols.length === methods.length
      ? { type: "upgradeOnly", pattern, protocols }
      : { type: "otherMethods", pattern, allow: allowFor(methods) };
  }

  #methodRoutes(method: string): MethodRoutes {
    let routes = this.#byMethod.get(method);
    if (!routes) {
      routes = new MethodRoutes();
      this.#byMethod.set(method, routes);
    }
    return routes;
  }

  /** The methods that have a route of their own. */
  #ownMethods(): Set<string> {
    return new Set(this.#routes.map(({ method }) => method));
  }

  #checkName({ options: { name }, pattern, place }: Route): void {
    if (name === undefined) return;
    const earlier = this.#byName.get(name);
    // One name for several methods of the same paths is no contradiction.
    if (!earlier || earlier.pattern.source === pattern.source) return;
    throw new Error(
      `the name "${name}" of ${pattern.source}${at(place)} is taken by ` +
        `${earlier.pattern.source}${at(earlier.place)}`,
    );
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
