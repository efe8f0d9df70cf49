import type { Handler } from "../http/handler.ts";
import type { UpgradeHandler } from "../http/upgrade-response.ts";
import type { PathParamsOf } from "./pattern.ts";
import type { RouteOptions } from "./route.ts";

/** A handler with the path parameters of its route's pattern. */
export type RouteHandler<
  Pattern extends string,
  Prefix extends string = "",
> = Handler<PathParamsOf<`${Prefix}${Pattern}`>>;

/** A handler that takes over a connection. */
export type RouteUpgradeHandler<
  Pattern extends string,
  Prefix extends string = "",
> = UpgradeHandler<PathParamsOf<`${Prefix}${Pattern}`>>;

export interface UpgradeOptions extends RouteOptions {
  /** Protocol in the field `Upgrade`, in any case. Default: websocket. */
  readonly protocol?: string;
}

/**
 * Registers routes below one prefix, with a method per HTTP method. All methods
 * return the object itself.
 */
export abstract class RouteVerbs<Prefix extends string> {
  /** @param methods one or more, case-sensitive (RFC 9110 §9.1) */
  abstract route<Pattern extends string>(
    methods: string | readonly string[],
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this;

  /**
   * Takes over the connections of clients that ask for another protocol
   * (RFC 9110 §7.8), by default WebSocket. Middleware runs first; if it
   * answers itself, its response is sent and the connection stays HTTP. It
   * also stays HTTP if no route takes the upgrade; a path with upgrade routes
   * only answers 426.
   */
  abstract upgrade<Pattern extends string>(
    pattern: Pattern,
    handler: RouteUpgradeHandler<NoInfer<Pattern>, Prefix>,
    options?: UpgradeOptions,
  ): this;

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

  /** Without a HEAD route, the GET route answers HEAD. */
  head<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("HEAD", pattern, handler, options);
  }

  /** Without an OPTIONS route, OPTIONS gets 204 and `Allow`. */
  options<Pattern extends string>(
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>, Prefix>,
    options?: RouteOptions,
  ): this {
    return this.route("OPTIONS", pattern, handler, options);
  }
}
