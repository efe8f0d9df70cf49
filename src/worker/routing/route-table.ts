/**
 * Runs per request. A static route costs two Map look-ups, by method and by
 * path; other routes a search in the method's tree.
 *
 * Paths are compared segment by segment without decoding: "/%61dmin" is not
 * "/admin". RFC 3986 §6.2.2 calls the two equivalent, but middleware that
 * guards the prefix "/admin" would miss the first one. A 404 is the safe
 * answer.
 */
import { HttpError } from "../http/http-error.ts";
import { hasDotSegment } from "./dot-segment.ts";
import { type FoundRoute, MethodRoutes } from "./method-routes.ts";
import { pathParamsFrom } from "./path-params.ts";
import type { PatternSegment } from "./pattern.ts";
import { at } from "./registration-place.ts";
import { type Fold, type Route, upgradeProtocol } from "./route.ts";

/** Result of a search by method and path. */
export type Found =
  | FoundRoute
  /** No route matches the path. */
  | { readonly type: "noPath" }
  /** Routes of other methods match; `pattern` is the best match. */
  | {
      readonly type: "otherMethods";
      readonly pattern: string;
      readonly allow: readonly string[];
    }
  /** Only upgrade routes match. */
  | {
      readonly type: "upgradeOnly";
      readonly pattern: string;
      readonly protocols: readonly string[];
    }
  /** `OPTIONS *` applies to the server, not a path (RFC 9110 §9.3.7). */
  | { readonly type: "server"; readonly allow: readonly string[] }
  /** No route has this method, and it is not a common one. */
  | { readonly type: "unknownMethod" };

// RFC 9110 §9.3 and RFC 5789, without CONNECT, which is for proxies.
const COMMON_METHODS: ReadonlySet<string> = new Set([
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

/** All routes of a router and its groups. */
export class RouteTable {
  readonly #routes: Route[] = [];
  readonly #byMethod = new Map<string, MethodRoutes>();
  readonly #byName = new Map<string, Route>();
  #closedBy: string | undefined = undefined;

  get routes(): readonly Route[] {
    return this.#routes;
  }

  named(name: string): Route | undefined {
    return this.#byName.get(name);
  }

  /**
   * @throws Error if the method with the same paths or the name is taken, or
   * the table is closed
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

  /** @throws Error if the table is closed. @param what the late call */
  checkOpen(what: string): void {
    if (this.#closedBy === undefined) return;
    throw new Error(
      `${what} came too late: routes and middleware are registered before ` +
        this.#closedBy,
    );
  }

  /** Ends registration. @param event "the first request" */
  close(event: string): void {
    this.#closedBy ??= event;
  }

  /** Ends registration and folds the middleware of each route. */
  seal(fold: Fold): void {
    this.close("the first request");
    for (const route of this.#routes) {
      route.answer = fold(route);
    }
  }

  /**
   * @param path not decoded, without the query
   * @throws HttpError 400 for a malformed path, dot segments, or parameters
   * that do not decode
   */
  find(method: string, path: string): Found {
    const routes = this.#byMethod.get(method);
    const found = routes?.atStatic(path);
    if (found) return found;
    if (!routes && !COMMON_METHODS.has(method)) return UNKNOWN_METHOD;
    if (path === "*" && method === "OPTIONS") {
      return { type: "server", allow: allowFor(this.#ownMethods()) };
    }
    checkPath(path);
    const match = routes?.find(path);
    if (!match) return this.#withoutMethod(path);
    const params = pathParamsFrom(match.route.pattern.names, match.values);
    return { type: "route", route: match.route, params };
  }

  /** Searches the routes of all other methods. */
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

  /** Methods with a route. */
  #ownMethods(): Set<string> {
    return new Set(this.#routes.map(({ method }) => method));
  }

  #checkName(route: Route): void {
    const { options, pattern } = route;
    const { name } = options;
    if (name === undefined) return;
    const earlier = this.#byName.get(name);
    // Several methods of the same pattern may share a name.
    if (!earlier || earlier.pattern.source === pattern.source) return;
    throw new Error(
      `the name "${name}" of ${pattern.source}${at(route)} is taken by ` +
        `${earlier.pattern.source}${at(earlier)}`,
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

/** Adds the methods that are answered without a route. */
function allowFor(methods: Iterable<string>): readonly string[] {
  const allow = new Set<string>();
  for (const method of methods) {
    if (upgradeProtocol(method) !== undefined) continue;
    allow.add(method);
    if (method === "GET") allow.add("HEAD");
  }
  return [...allow.add("OPTIONS")];
}

/**
 * Sorts routes that match the same path in the order of a search: per segment
 * static text, a parameter with a form, a parameter, a wildcard.
 */
function byPrecedence(a: Route, b: Route): number {
  const [left, right] = [a.pattern.segments, b.pattern.segments];
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(left[index]) - rank(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(segment: PatternSegment | undefined): number {
  if (segment?.type === "static") return 0;
  if (segment?.type === "param") return segment.form ? 1 : 2;
  return 3;
}
