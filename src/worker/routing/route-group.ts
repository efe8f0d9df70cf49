import type { Handler, Middleware } from "../http/handler.ts";
import { type UpgradeHandler, UpgradeResponse } from "../http/upgrade.ts";
import { MiddlewareScope } from "./middleware-scope.ts";
import { type PathParamsOf, parsePattern } from "./pattern.ts";
import { upgradeMethod } from "./route.ts";
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

export interface UpgradeOptions {
  /** As the client says it in `Upgrade`, in any case. Default: websocket. */
  readonly protocol?: string;
}

const PROTOCOL =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const MISSPELT = /^(?:get|head|post|put|delete|patch|options)$/i;

/**
 * Routes under one prefix, with middleware of their own.
 *
 * Patterns follow the prefix letter by letter: in a group "/api", "/users" is
 * "/api/users", "/" is "/api/" and "" is "/api". A pattern has `:name` for one
 * segment that is not empty, and may end in `*name` or `*` for all that is
 * left; values are percent-decoded. Static text comes before `:name`, and that
 * before `*`, whatever was registered first.
 *
 * HEAD is answered by the GET route, and OPTIONS by itself, where they have no
 * route.
 *
 * Registering throws: TypeError for a bad pattern, method or handler; Error
 * where the same paths have a route for the method already, and after the
 * first request.
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

  get<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<Pattern, Prefix>,
  ): this {
    return this.route("GET", pattern, handler);
  }

  post<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<Pattern, Prefix>,
  ): this {
    return this.route("POST", pattern, handler);
  }

  put<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<Pattern, Prefix>,
  ): this {
    return this.route("PUT", pattern, handler);
  }

  delete<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<Pattern, Prefix>,
  ): this {
    return this.route("DELETE", pattern, handler);
  }

  patch<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<Pattern, Prefix>,
  ): this {
    return this.route("PATCH", pattern, handler);
  }

  head<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<Pattern, Prefix>,
  ): this {
    return this.route("HEAD", pattern, handler);
  }

  options<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<Pattern, Prefix>,
  ): this {
    return this.route("OPTIONS", pattern, handler);
  }

  /**
   * Takes over the connections of clients that ask for another protocol
   * (RFC 9110 §7.8). The group's middleware runs before: what it answers
   * itself is sent, and HTTP goes on.
   */
  upgrade<Pattern extends string>(
    pattern: Pattern,
    handler: RouteUpgradeHandler<Pattern, Prefix>,
    { protocol = "websocket" }: UpgradeOptions = {},
  ): this {
    const method = upgradeMethod(checkedProtocol(protocol));
    checkHandler(handler, `${method} ${this.#prefix}${pattern}`);
    return this.#add(method, pattern, (request) => {
      return new UpgradeResponse((socket, head) => {
        return handler(request as never, socket, head);
      });
    });
  }

  /** @param methods one or more, in the right case (RFC 9110 §9.1) */
  route<Pattern extends string>(
    methods: string | readonly string[],
    pattern: Pattern,
    handler: RouteHandler<Pattern, Prefix>,
  ): this {
    for (const method of typeof methods === "string" ? [methods] : methods) {
      checkMethod(method);
      checkHandler(handler, `${method} ${this.#prefix}${pattern}`);
      // The table sets the parameters that the pattern promises.
      this.#add(method, pattern, handler as unknown as Handler);
    }
    return this;
  }

  #add(method: string, pattern: string, handler: Handler): this {
    this.#table.add({
      method,
      pattern: parsePattern(`${this.#prefix}${pattern}`),
      handler,
      scope: this.#scope,
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
  if (!TOKEN.test(method)) {
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
