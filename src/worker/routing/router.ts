import { MiddlewareScope } from "./middleware-scope.ts";
import type { Fold, Route } from "./route.ts";
import { RouteGroup, type RouteSource } from "./route-group.ts";
import { type Found, RouteTable } from "./route-table.ts";
import { routeUrl, type UrlParams } from "./route-url.ts";

/** The group of all routes, without a prefix, which finds them again. */
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
   * The path of the route with that name, percent-encoded.
   *
   * @throws Error where no route has the name; TypeError where the values are
   * not those of its pattern, or would not lead back to it
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
   * Where a request leads. The route is found in a time that does not grow
   * with the number of static routes.
   *
   * @param path as sent, without the query
   * @throws HttpError 400 for a path that is none, has dot segments, or whose
   * parameters do not decode
   */
  find(method: string, path: string): Found {
    return this.#table.find(method, path);
  }

  /** Folds each route's middleware, once; then nothing can be added. */
  seal(fold: Fold): void {
    this.#table.seal(fold);
  }

  /** @throws Error when sealed, saying that `what` came too late */
  checkOpen(what: string): void {
    this.#table.checkOpen(what);
  }
}
