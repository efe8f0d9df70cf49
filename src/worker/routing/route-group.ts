import {
  checkOptions,
  integer,
  type OptionRule,
} from "../../shared/check-options.ts";
import { isToken } from "../http/fields/is-token.ts";
import type { Handler, Middleware } from "../http/handler.ts";
import { UpgradeResponse } from "../http/upgrade-response.ts";
import { MiddlewareScope } from "./middleware-scope.ts";
import { parsePattern } from "./pattern.ts";
import { registrationPlace } from "./registration-place.ts";
import { type Route, type RouteOptions, upgradeMethod } from "./route.ts";
import type { RouteTable } from "./route-table.ts";
import {
  type RouteHandler,
  type RouteUpgradeHandler,
  RouteVerbs,
  type UpgradeOptions,
} from "./route-verbs.ts";

/** An app or a router whose routes can be mounted. */
export interface RouteSource {
  /** Returns the routes, and closes the source. @param event the reason */
  takeRoutes(event: string): readonly Route[];
}

const PROTOCOL =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)?$/;
const OPTION_RULES: Readonly<Record<keyof RouteOptions, OptionRule>> = {
  name: {
    isValid: (value) => typeof value === "string" && value !== "",
    valid: "a text",
  },
  maxBodyBytes: integer(0, Number.MAX_SAFE_INTEGER),
  handlerTimeoutMs: integer(0, Number.MAX_SAFE_INTEGER),
  middleware: { isValid: Array.isArray, valid: "an array of functions" },
};
const MISSPELT = /^(?:get|head|post|put|delete|patch|options)$/i;

/**
 * Routes below one prefix, with their own middleware.
 *
 * A pattern is appended to the prefix: in a group "/api", "/users" stands for
 * "/api/users", "/" for "/api/" and "" for "/api". In a pattern, `:name` matches
 * one segment that is not empty, `:name(form)` one of that form (see
 * `ParamPattern`), and a final `*name` or `*` the rest of the path. Values are
 * percent-decoded. Static text takes precedence over `:name(form)`, then
 * `:name`, then `*`, regardless of the order of registration.
 *
 * Registration throws a TypeError for an invalid pattern, method, handler or
 * option. It throws an Error if a route for the same method and paths exists
 * (the message contains both places), if the name is taken, and after the first
 * request.
 */
export class RouteGroup<Prefix extends string> extends RouteVerbs<Prefix> {
  readonly #table: RouteTable;
  readonly #prefix: Prefix;
  readonly #scope: MiddlewareScope;

  constructor(table: RouteTable, prefix: Prefix, scope: MiddlewareScope) {
    super();
    this.#table = table;
    this.#prefix = prefix;
    this.#scope = scope;
  }

  /**
   * Adds middleware around all routes of this group and its inner groups,
   * including those registered before. The first one is the outermost. It runs
   * for requests that match a route, and sees the handler's errors as
   * exceptions.
   */
  use(...middleware: readonly Middleware[]): this {
    this.#table.checkOpen("use()");
    for (const one of middleware) this.#scope.add(one);
    return this;
  }

  /**
   * Creates an inner group.
   *
   * @param prefix "" or like "/api/:version", without a final "/" or wildcard
   * @param register called synchronously with the new group
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
   * Adds all routes of another app or router below a prefix, with their
   * middleware. The source is closed for registration. Requests keep their
   * whole path.
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

  route<Pattern extends string>(
    methods: string | readonly string[],
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options: RouteOptions = {},
  ): this {
    for (const method of typeof methods === "string" ? [methods] : methods) {
      checkMethod(method);
      checkHandler(handler, `${method} ${this.#prefix}${pattern}`);
      // The route table sets the parameters of the pattern.
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
    checkOptions(`${method} ${pattern.source}`, options, OPTION_RULES);
    const { middleware = [] } = options;
    const scope = new MiddlewareScope(this.#scope);
    for (const one of middleware) scope.add(one);
    this.#table.add({
      method,
      pattern,
      handler,
      options,
      place: registrationPlace(),
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
