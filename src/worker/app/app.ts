import type { Answer, Handler, Middleware } from "../http/handler.ts";
import type { HttpRequest } from "../http/request.ts";
import { compose } from "../middleware/compose.ts";
import { MiddlewareScope } from "../routing/middleware-scope.ts";
import type {
  RouteHandler,
  RouteUpgradeHandler,
  UpgradeOptions,
} from "../routing/route-group.ts";
import { Router } from "../routing/router.ts";
import { checked } from "./checked.ts";
import { dispatcher } from "./dispatch.ts";
import { guarded } from "./guarded.ts";

export interface AppOptions {
  /** What `run()` does with the app; without it `run()` throws. */
  readonly run?: (app: App) => Promise<void>;
}

/**
 * An application: routes, and middleware around all of them.
 *
 * Patterns, and what registering throws: see `RouteGroup`. All methods that
 * register return the app, and throw an Error after the first request.
 */
export class App {
  /** The routes, with `group(prefix, register)` for those with a prefix. */
  readonly router = new Router();
  readonly #scope = new MiddlewareScope();
  readonly #run: AppOptions["run"];
  #answer: Handler | undefined = undefined;

  constructor(options: AppOptions = {}) {
    this.#run = options.run;
  }

  /**
   * Puts middleware around everything: it runs for every request, also for
   * those that no route takes, and sees answers only, because what handlers
   * throw has become a response by then. To catch it yourself, use
   * `app.router.use()`. The first one is the outermost, and it does not
   * matter whether routes are registered before or after.
   */
  use(...middleware: readonly Middleware[]): this {
    this.router.checkOpen("use()");
    for (const one of middleware) this.#scope.add(one);
    return this;
  }

  get<P extends string>(pattern: P, handler: RouteHandler<P>): this {
    return this.route("GET", pattern, handler);
  }

  post<P extends string>(pattern: P, handler: RouteHandler<P>): this {
    return this.route("POST", pattern, handler);
  }

  put<P extends string>(pattern: P, handler: RouteHandler<P>): this {
    return this.route("PUT", pattern, handler);
  }

  delete<P extends string>(pattern: P, handler: RouteHandler<P>): this {
    return this.route("DELETE", pattern, handler);
  }

  patch<P extends string>(pattern: P, handler: RouteHandler<P>): this {
    return this.route("PATCH", pattern, handler);
  }

  /** Without it, HEAD is answered by the GET route. */
  head<P extends string>(pattern: P, handler: RouteHandler<P>): this {
    return this.route("HEAD", pattern, handler);
  }

  /** Without it, OPTIONS is answered with 204 and `Allow`. */
  options<P extends string>(pattern: P, handler: RouteHandler<P>): this {
    return this.route("OPTIONS", pattern, handler);
  }

  /**
   * Takes over the connections of clients that ask for another protocol
   * (RFC 9110 §7.8), by default WebSocket. The middleware runs before: what it
   * answers itself is sent, and HTTP goes on. So it does where no route takes
   * the upgrade; a path that has nothing else answers 426.
   */
  upgrade<P extends string>(
    pattern: P,
    handler: RouteUpgradeHandler<P>,
    options?: UpgradeOptions,
  ): this {
    this.router.upgrade(pattern, handler, options);
    return this;
  }

  /** @param methods one or more, in the right case (RFC 9110 §9.1) */
  route<P extends string>(
    methods: string | readonly string[],
    pattern: P,
    handler: RouteHandler<P>,
  ): this {
    this.router.route(methods, pattern, handler);
    return this;
  }

  /** What is registered, in that order. */
  routes(): { method: string; pattern: string }[] {
    return this.router.routes.map(({ method, pattern }) => ({
      method,
      pattern: pattern.source,
    }));
  }

  /**
   * Folds all middleware, once; from now on nothing can be registered. The
   * first `handle()` does it by itself.
   */
  prepare(): this {
    this.#answer ??= this.#folded();
    return this;
  }

  /**
   * Runs the whole stack for a request, without a socket. It never throws or
   * rejects: errors become responses. The answer is a value, not a promise,
   * where the handler and the middleware around it give values.
   */
  handle(request: HttpRequest): Answer {
    this.#answer ??= this.#folded();
    return this.#answer(request);
  }

  /**
   * Serves the app until the process is told to stop.
   *
   * @throws Error for an app without a runner: `createApp()` gives it one
   */
  async run(): Promise<void> {
    if (!this.#run) {
      throw new Error("this App cannot run: make it with createApp()");
    }
    await this.#run(this);
  }

  #folded(): Handler {
    this.router.seal(fold);
    const dispatch = dispatcher(this.router);
    const middleware = this.#scope.all();
    if (middleware.length === 0) return dispatch;
    return guarded(compose(middleware, dispatch));
  }
}

function fold(scope: MiddlewareScope, handler: Handler): Handler {
  const middleware = scope.all();
  if (middleware.length === 0) return handler;
  return compose(middleware, checked(handler));
}
