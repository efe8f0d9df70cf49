import { isToken } from "../http/fields/is-token.ts";
import type { Handler, Middleware } from "../http/handler.ts";
import {
  type UpgradeHandler,
  UpgradeResponse,
} from "../http/upgrade-response.ts";
import { callerPlace } from "./caller-place.ts";
import { checkRouteOptions } from "./check-route-options.ts";
import { MiddlewareScope } from "./middleware-scope.ts";
import { type PathParamsOf, parsePattern } from "./pattern.ts";
import { type Route, type RouteOptions, upgradeMethod } from "./route.ts";
import type { RouteTable } from "./route-table.ts";

/** A handler that knows the parameters of its route's pattern. */
export type RouteHandler<
  Pattern extends string,
  Prefix extends string = "",
> = Handler<PathParamsOf<`${Prefix}${Pattern}`>>;

/** One that takes a connection over. */
export type RouteUpgradeHandler<
  Pattern extends string,
  Prefix extends string = "",
> = UpgradeHandler<PathParamsOf<`${Prefix}${Pattern}`>>;

export interface UpgradeOptions extends RouteOptions {
  /** As the client says it in `Upgrade`, in any case. Default: websocket. */
  readonly protocol?: string;
}

/** An app or a router whose routes another one can take over. */
export interface RouteSource {
  /** Its routes; nothing can be added from now on. @param event why not */
  takeRoutes(event: string): readonly Route[];
}

const PROTOCOL =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)?$/;
const MISSPELT = /^(?:get|head|post|put|delete|patch|options)$/i;

/**
 * Routes under one prefix, with middleware of their own.
 *
 * Patterns follow the prefix letter by letter: in a group "/api", "/users" is
 * "/api/users", "/" is "/api/" and "" is "/api". A pattern has `:name` for one
 * segment that is not empty, `:name(form)` for one that looks like that, and
 * may end in `*name` or `*` for all that is left; values are percent-decoded.
 * Static text comes before `:name(form)`, that before `:name`, and that before
 * `*`, whatever was registered first.
 *
 * HEAD is answered by the GET route, and OPTIONS by itself, where they have no
 * route.
 *
 * Registering throws: TypeError for a bad pattern, method, handler or option;
 * Error where the same paths have a route for the method already (it names
 * both places), where a name is taken, and after the first request.
 */
export class RouteGroup<Prefix extends string> {
  readonly #table: RouteTable;
  readonly #prefix: Prefix;
  readonly #scope: MiddlewareScope;

  constructor(table: RouteTable, prefix: Prefix, scope: MiddlewareScope) {
    this.#table = table;
    this.#prefix = prefix;
    this.#scope = scope;
  }

  /**
   * Puts middleware around all routes of this group and the groups in it,
   * also those registered before. The first one is the outermost. It runs for
   * requests that match one of the routes, and what a handler throws comes to
   * it as an exception.
   */
  use(...middleware: readonly Middleware[]): this {
    this.#table.checkOpen("use()");
    for (const one of middleware) this.#scope.add(one);
    return this;
  }

  /**
   * A group inside this one.
   *
   * @param prefix "" or like "/api/:version": no "/" at its end, no wildcard
   * @param register is called at once, with the group
   */
  group<Inner extends string>(
    prefix: Inner,
    register: (group: RouteGroup<`${Prefix}${Inner}`>) => void,
  ): this {
    checkPrefix(prefix);
    const scope = new MiddlewareScope(this.#scope);
    const inner = `${this.#prefix}${prefix}` as const;
    register(new RouteGroup(this.#table, inner, scope));
    return this;
  }

  /**
   * Takes over all routes of another app or router, under a prefix, with the
   * middleware they have there. Nothing can be added to it from then on.
   * Requests keep their whole path.
   */
  mount(prefix: string, source: RouteSource): this {
    checkPrefix(prefix);
    const whole = `${this.#prefix}${prefix}`;
    for (const route of source.takeRoutes(`it was mounted at "${whole}"`)) {
      const scope = new MiddlewareScope(this.#scope, route.scope);
      const pattern = parsePattern(`${whole}${route.pattern.source}`);
      this.#table.add({ ...route, pattern, scope });
    }
    return this;
  }

  get<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("GET", pattern, handler, options);
  }

  post<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("POST", pattern, handler, options);
  }

  put<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("PUT", pattern, handler, options);
  }

  delete<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("DELETE", pattern, handler, options);
  }

  patch<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("PATCH", pattern, handler, options);
  }

  head<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("HEAD", pattern, handler, options);
  }

  options<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("OPTIONS", pattern, handler, options);
  }

  /**
   * Takes over the connections of clients that ask for another protocol
   * (RFC 9110 §7.8). The group's middleware runs before: what it answers
   * itself is sent, and HTTP goes on.
   */
  upgrade<Pattern extends string>(
    pattern: Pattern,
    handler: RouteUpgradeHandler<NoInfer<Pattern>, Prefix>,
    { protocol = "websocket", ...options }: UpgradeOptions = {},
  ): this {
    const method = upgradeMethod(checkedProtocol(protocol));
    checkHandler(handler, `${method} ${this.#prefix}${pattern}`);
    const answer: Handler = (request) => {
      return new UpgradeResponse((socket, head) => {
        return handler(request as never, socket, head);
      });
    };
    return this.#add(method, pattern, answer, options);
  }

  /** @param methods one or more, in the right case (RFC 9110 §9.1) */
  route<Pattern extends string>(
    methods: string | readonly string[],
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options: RouteOptions = {},
  ): this {
    for (const method of typeof methods === "string" ? [methods] : methods) {
      checkMethod(method);
      checkHandler(handler, `${method} ${this.#prefix}${pattern}`);
      // The table sets the parameters that the pattern promises.
      const plain = handler as unknown as Handler;
      this.#add(method, pattern, plain, options);
    }
    return this;
  }

  #add(
    method: string,
    suffix: string,
    handler: Handler,
    options: RouteOptions,
  ): this {
    const pattern = parsePattern(`${this.#prefix}${suffix}`);
    checkRouteOptions(options, `${method} ${pattern.source}`);
    const { middleware = [] } = options;
    const scope = new MiddlewareScope(this.#scope);
    for (const one of middleware) scope.add(one);
    this.#table.add({
      method,
      pattern,
      handler,
      options,
      place: callerPlace(),
      scope,
      answer: handler,
    });
    return this;
  }
}

function checkPrefix(prefix: string): void {
  if (prefix === "") return;
  const { segments } = parsePattern(prefix);
  if (prefix.endsWith("/") || segments.at(-1)?.type === "wildcard") {
    throw new TypeError(
      `a group's prefix does not end in "/" or a wildcard: "${prefix}"`,
    );
  }
}

function checkMethod(method: string): void {
  if (!isToken(method)) {
    throw new TypeError(`a method is a token: ${JSON.stringify(method)}`);
  }
  const upper = method.toUpperCase();
  if (method !== upper && MISSPELT.test(method)) {
    throw new TypeError(`methods have a case: "${upper}", not "${method}"`);
  }
}

function checkedProtocol(protocol: string): string {
  if (PROTOCOL.test(protocol)) return protocol;
  throw new TypeError(
    `a protocol is a token, or two with "/" between (RFC 9110 §7.8): ` +
      JSON.stringify(protocol),
  );
}

function checkHandler(handler: unknown, route: string): void {
  if (typeof handler === "function") return;
  throw new TypeError(
    `the handler of ${route} is not a function but ${typeof handler}`,
  );
}
