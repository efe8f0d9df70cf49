import type { Answer, Handler, Middleware } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { notFound } from "../http/response-helpers.ts";
import { compose } from "../middleware/compose.ts";
import { MiddlewareScope } from "../routing/middleware-scope.ts";
import { printRoutes } from "../routing/print-routes.ts";
import type { Route, RouteOptions } from "../routing/route.ts";
import type {
  RouteHandler,
  RouteSource,
  RouteUpgradeHandler,
  UpgradeOptions,
} from "../routing/route-group.ts";
import type { UrlParams } from "../routing/route-url.ts";
import { Router } from "../routing/router.ts";
import { checked } from "./checked.ts";
import { dispatcher } from "./dispatch.ts";
import { answerErrorBy, type ErrorHandler } from "./error-handler.ts";
import { guarded } from "./guarded.ts";
import {
  type CheckOptions,
  HealthChecks,
  type HealthProbe,
} from "./health-checks.ts";
import { Lifecycle, type LifecycleHook } from "./lifecycle.ts";
import { limited } from "./limited.ts";

export interface AppOptions {
  /** What `run()` does with the app; without it `run()` throws. */
  readonly run?: (app: App) => Promise<void>;
  /**
   * Answers all that no route takes, whatever its method and path: another
   * app, that has routes of its own. Default: the answers of `notFound()` and
   * of the methods that there are.
   */
  readonly rest?: Handler;
}

/**
 * An application: routes, and middleware around all of them.
 *
 * Patterns, and what registering throws: see `RouteGroup`. All methods that
 * register return the app, and throw an Error after the first request.
 */
export class App implements RouteSource {
  /** The routes, with `group(prefix, register)` for those with a prefix. */
  readonly router = new Router();
  readonly #scope = new MiddlewareScope();
  readonly #run: AppOptions["run"];
  readonly #rest: Handler | undefined;
  readonly #errorHandlers: ErrorHandler[] = [];
  /** For the worker: what it calls at boot and after the drain. */
  readonly lifecycle = new Lifecycle();
  /** For the worker: what it looks after meanwhile. */
  readonly checks = new HealthChecks();
  #notFound: Handler = () => notFound();
  #answer: Handler | undefined = undefined;

  constructor(options: AppOptions = {}) {
    this.#run = options.run;
    this.#rest = options.rest;
  }

  /**
   * Puts middleware around everything: it runs for every request, also for
   * those that no route takes, and sees answers only, because what handlers and
   * middleware inside of it throw has become a response by then. To catch it yourself, use
   * `app.router.use()`. The first one is the outermost, and it does not
   * matter whether routes are registered before or after.
   */
  use(...middleware: readonly Middleware[]): this {
    this.router.checkOpen("use()");
    for (const one of middleware) this.#scope.add(one);
    return this;
  }

  /**
   * Answers what handlers and middleware throw, before it becomes what it
   * would have become anyway: an `HttpError` a problem, all else a 500. Several
   * are asked in their order; the first response counts, and `undefined` asks
   * the next one.
   */
  onError(handler: ErrorHandler): this {
    this.router.checkOpen("onError()");
    checkFunction("onError()", handler);
    this.#errorHandlers.push(handler);
    return this;
  }

  /**
   * Called in each worker before it becomes ready, one hook after the other. A
   * worker whose hook throws does not become ready: a reload then keeps the old
   * ones. `startTimeoutMs` is for all of it.
   */
  onStart(hook: LifecycleHook): this {
    this.router.checkOpen("onStart()");
    checkFunction("onStart()", hook);
    this.lifecycle.onStart(hook);
    return this;
  }

  /**
   * Called in each worker that leaves in order, once its last connection is
   * gone: the hooks of the last `onStop()` first. They have what is left of
   * `drain.deadlineMs`, and a second at least.
   */
  onStop(hook: LifecycleHook): this {
    this.router.checkOpen("onStop()");
    checkFunction("onStop()", hook);
    this.lifecycle.onStop(hook);
    return this;
  }

  /**
   * Lets each worker look, again and again, whether something that the app
   * needs is there: a probe that throws has failed. `/healthz`, `/status` and
   * a metric show it; whether the server is ready does not depend on it.
   *
   * @throws TypeError for a name that is taken, or options that are none
   */
  check(name: string, probe: HealthProbe, options?: CheckOptions): this {
    this.router.checkOpen("check()");
    this.checks.add(name, probe, options);
    return this;
  }

  /** Answers where no route has the path. Default: 404 as a problem. */
  notFound(handler: Handler): this {
    this.router.checkOpen("notFound()");
    checkFunction("notFound()", handler);
    this.#notFound = handler;
    return this;
  }

  get<P extends string>(
    pattern: P,
    handler: RouteHandler<NoInfer<P>>,
    options?: RouteOptions,
  ): this {
    return this.route("GET", pattern, handler, options);
  }

  post<P extends string>(
    pattern: P,
    handler: RouteHandler<NoInfer<P>>,
    options?: RouteOptions,
  ): this {
    return this.route("POST", pattern, handler, options);
  }

  put<P extends string>(
    pattern: P,
    handler: RouteHandler<NoInfer<P>>,
    options?: RouteOptions,
  ): this {
    return this.route("PUT", pattern, handler, options);
  }

  delete<P extends string>(
    pattern: P,
    handler: RouteHandler<NoInfer<P>>,
    options?: RouteOptions,
  ): this {
    return this.route("DELETE", pattern, handler, options);
  }

  patch<P extends string>(
    pattern: P,
    handler: RouteHandler<NoInfer<P>>,
    options?: RouteOptions,
  ): this {
    return this.route("PATCH", pattern, handler, options);
  }

  /** Without it, HEAD is answered by the GET route. */
  head<P extends string>(
    pattern: P,
    handler: RouteHandler<NoInfer<P>>,
    options?: RouteOptions,
  ): this {
    return this.route("HEAD", pattern, handler, options);
  }

  /** Without it, OPTIONS is answered with 204 and `Allow`. */
  options<P extends string>(
    pattern: P,
    handler: RouteHandler<NoInfer<P>>,
    options?: RouteOptions,
  ): this {
    return this.route("OPTIONS", pattern, handler, options);
  }

  /**
   * Takes over the connections of clients that ask for another protocol
   * (RFC 9110 §7.8), by default WebSocket. The middleware runs before: what it
   * answers itself is sent, and HTTP goes on. So it does where no route takes
   * the upgrade; a path that has nothing else answers 426.
   */
  upgrade<P extends string>(
    pattern: P,
    handler: RouteUpgradeHandler<NoInfer<P>>,
    options?: UpgradeOptions,
  ): this {
    this.router.upgrade(pattern, handler, options);
    return this;
  }

  /** @param methods one or more, in the right case (RFC 9110 §9.1) */
  route<P extends string>(
    methods: string | readonly string[],
    pattern: P,
    handler: RouteHandler<NoInfer<P>>,
    options?: RouteOptions,
  ): this {
    this.router.route(methods, pattern, handler, options);
    return this;
  }

  /**
   * Takes over all routes of another app or router, under a prefix, with the
   * middleware and the error handlers they have there; of an app also its hooks
   * and health checks. Nothing can be added to it from then on. Requests keep
   * their whole path.
   */
  mount(prefix: string, source: RouteSource): this {
    this.router.mount(prefix, source);
    if (source instanceof App) {
      this.lifecycle.include(source.lifecycle);
      this.checks.include(source.checks);
    }
    return this;
  }

  /**
   * The path of the route with that name, percent-encoded.
   *
   * @throws Error where no route has the name; TypeError where the values are
   * not those of its pattern, or would not lead back to it
   */
  url(name: string, params?: UrlParams): string {
    return this.router.url(name, params);
  }

  /** For `mount()`: the routes, with all the middleware around them. */
  takeRoutes(event: string): readonly Route[] {
    const answers = new MiddlewareScope(this.#scope);
    const answerError = answerErrorBy(this.#errorHandlers);
    if (this.#errorHandlers.length > 0) {
      answers.add((request, next) => guarded(next, answerError)(request));
    }
    return this.router.takeRoutes(event).map((route) => {
      return { ...route, scope: new MiddlewareScope(answers, route.scope) };
    });
  }

  /** The routes as a table for people, a line each. */
  printRoutes(): string {
    return printRoutes(this.router.routes);
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
    const answerError = answerErrorBy(this.#errorHandlers);
    const { router } = this;
    const dispatch = dispatcher({
      router,
      notFound: this.#notFound,
      rest: this.#rest,
      answerError,
    });
    // Each by itself, so that also what one throws is a response for the ones
    // around it, which add what every answer must have.
    return this.#scope.all().reduceRight<Handler>((next, around) => {
      return guarded(compose([around], next), answerError);
    }, dispatch);
  }
}

function checkFunction(what: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(`${what} takes a function, not ${typeof value}`);
}

function fold({ scope, handler, options }: Route): Handler {
  const middleware = scope.all();
  const innermost = limited(handler, options.maxBodyBytes);
  if (middleware.length === 0) return innermost;
  return compose(middleware, checked(innermost));
}
