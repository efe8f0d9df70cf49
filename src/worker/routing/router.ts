import { MiddlewareScope } from "./middleware-scope.ts";
import type { Fold, Route } from "./route.ts";
import { RouteGroup, type RouteSource } from "./route-group.ts";
import { type Found, RouteTable } from "./route-table.ts";
import { routeUrl, type UrlParams } from "./route-url.ts";

/** The outermost group, without a prefix. It finds the route of a request. */
export class Router extends RouteGroup<""> implements RouteSource {
  readonly #table: RouteTable;

  constructor() {
    const table = new RouteTable();
    super(table, "", new MiddlewareScope());
    this.#table = table;
  }

  /** In the order of registration. */
  get routes(): readonly Route[] {
    return this.#table.routes;
  }

  /**
   * Builds the percent-encoded path of the named route.
   *
   * @throws Error for an unknown name; TypeError for a missing or surplus
   * value, or one for which the path would not match the route
   */
  url(name: string, params: UrlParams = {}): string {
    const route = this.#table.named(name);
    if (route) return routeUrl(route.pattern, params);
    const names = this.routes.flatMap(({ options }) => options.name ?? []);
    throw new Error(
      `no route has the name "${name}"; ` +
        (names.length ? `there are ${names.join(", ")}` : "none has a name"),
    );
  }

  takeRoutes(event: string): readonly Route[] {
    this.#table.close(event);
    return this.routes;
  }

  /**
   * Finds the route of a request, in a time that does not depend on the number
   * of static routes.
   *
   * @param path not decoded, without the query
   * @throws HttpError 400 for a malformed path, dot segments, or parameters
   * that do not decode
   */
  find(method: string, path: string): Found {
    return this.#table.find(method, path);
  }

  /** Ends registration and folds the middleware of each route. */
  seal(fold: Fold): void {
    this.#table.seal(fold);
  }

  /** @throws Error after the first request. @param what the late call */
  checkOpen(what: string): void {
    this.#table.checkOpen(what);
  }
}
