import type { AcceptedRequests } from "../http/accepted-requests.ts";
import type { Answer, Handler, Middleware } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { notFound } from "../http/response-helpers.ts";
import type { SpanMaker } from "../http/span-maker.ts";
import { compose } from "../middleware/compose.ts";
import { MiddlewareScope } from "../routing/middleware-scope.ts";
import type { Route, RouteOptions } from "../routing/route.ts";
import type { RouteSource } from "../routing/route-group.ts";
import type { UrlParams } from "../routing/route-url.ts";
import {
  type RouteHandler,
  type RouteUpgradeHandler,
  RouteVerbs,
  type UpgradeOptions,
} from "../routing/route-verbs.ts";
import { Router } from "../routing/router.ts";
import { dispatcher, type RouteLimits } from "./dispatch.ts";
import { answerErrorBy, type ErrorHandler } from "./error-handler.ts";
import { foldRoute, guarded } from "./fold-route.ts";
import {
  type CheckOptions,
  HealthChecks,
  type HealthProbe,
} from "./health-checks.ts";
import { Lifecycle, type LifecycleHook } from "./lifecycle.ts";

export interface AppOptions {
  /** Implementation of `app.run()`; without it `run()` throws. */
  readonly run?: (app: App) => Promise<void>;
  /**
   * Handles all requests that match no route, such as another app with its own
   * routes. Default: responses with 404, 405, 426 or 501.
   */
  readonly fallback?: Handler;
  /** What the fallback takes, too. */
  readonly accepts?: AcceptedRequests;
  /** Set for servers of `node:http`: agents that hook into the server. */
  readonly agents?: SpanMaker;
}

/**
 * An application: routes, and middleware around all of them.
 *
 * Methods that register return the app, and throw an Error after the first
 * request. For patterns and other errors see `RouteGroup`.
 */
export class App extends RouteVerbs<""> implements RouteSource {
  /** The routes; `router.group(prefix, register)` adds routes below a prefix. */
  readonly router = new Router();
  readonly #scope = new MiddlewareScope();
  readonly #run: AppOptions["run"];
  /** For the worker: whether requests go to an app of another library. */
  readonly isExisting: boolean;
  /** For the worker. */
  readonly accepts: AppOptions["accepts"];
  /** For the worker. */
  readonly agents: AppOptions["agents"];
  readonly #fallback: Handler | undefined;
  readonly #errorHandlers: ErrorHandler[] = [];
  /** For the worker: hooks at boot and after the drain. */
  readonly lifecycle = new Lifecycle();
  /** For the worker: checks that run between boot and drain. */
  readonly checks = new HealthChecks();
  #notFound: Handler = () => notFound();
  #answer: Handler | undefined = undefined;

  constructor(options: AppOptions = {}) {
    super();
    this.#run = options.run;
    this.#fallback = options.fallback;
    this.isExisting = options.fallback !== undefined;
    this.accepts = options.accepts;
    this.agents = options.agents;
  }

  /**
   * Adds middleware around all requests, including those without a route. The
   * first one is the outermost; the order relative to routes does not matter.
   * It sees responses only, because errors of handlers and inner middleware
   * have become responses. To catch errors use `app.router.use()`.
   */
  use(...middleware: readonly Middleware[]): this {
    this.router.checkOpen("use()");
    for (const one of middleware) this.#scope.add(one);
    return this;
  }

  /**
   * Handles errors of handlers and middleware. Handlers are called in the order
   * of registration until one returns a response; `undefined` passes the error
   * on. Default: a problem for an `HttpError`, 500 for other errors.
   */
  onError(handler: ErrorHandler): this {
    this.router.checkOpen("onError()");
    checkFunction("onError()", handler);
    this.#errorHandlers.push(handler);
    return this;
  }

  /**
   * Adds a hook that each worker runs before it becomes ready; hooks run one
   * after the other, within `startTimeoutMs`. If a hook throws, the worker does
   * not become ready, and a reload keeps the old workers.
   */
  onStart(hook: LifecycleHook): this {
    this.router.checkOpen("onStart()");
    checkFunction("onStart()", hook);
    this.lifecycle.onStart(hook);
    return this;
  }

  /**
   * Adds a hook that a draining worker runs after its last connection has
   * closed, the last hook first. Hooks have the rest of `drain.deadlineMs`, and
   * at least one second.
   */
  onStop(hook: LifecycleHook): this {
    this.router.checkOpen("onStop()");
    checkFunction("onStop()", hook);
    this.lifecycle.onStop(hook);
    return this;
  }

  /**
   * Adds a health check that each worker repeats; a probe that throws has
   * failed. `/healthz`, `/status` and a metric show the result. Readiness does
   * not depend on it.
   *
   * @throws TypeError for a name that is taken, or an invalid option
   */
  check(name: string, probe: HealthProbe, options?: CheckOptions): this {
    this.router.checkOpen("check()");
    this.checks.add(name, probe, options);
    return this;
  }

  /** Sets the handler for paths without a route. Default: a 404 problem. */
  notFound(handler: Handler): this {
    this.router.checkOpen("notFound()");
    checkFunction("notFound()", handler);
    this.#notFound = handler;
    return this;
  }

  upgrade<Pattern extends string>(
    pattern: Pattern,
    handler: RouteUpgradeHandler<NoInfer<Pattern>>,
    options?: UpgradeOptions,
  ): this {
    this.router.upgrade(pattern, handler, options);
    return this;
  }

  route<Pattern extends string>(
    methods: string | readonly string[],
    pattern: Pattern,
    handler: RouteHandler<NoInfer<Pattern>>,
    options?: RouteOptions,
  ): this {
    this.router.route(methods, pattern, handler, options);
    return this;
  }

  /**
   * Adds all routes of another app or router below a prefix, with their
   * middleware and error handlers, and an app's hooks and health checks. The
   * source is closed for registration. Requests keep their whole path.
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
   * Builds the percent-encoded path of the named route.
   *
   * @throws Error for an unknown name; TypeError for a missing or surplus
   * value, or one for which the path would not match the route
   */
  url(name: string, params?: UrlParams): string {
    return this.router.url(name, params);
  }

  /** For `mount()`: the routes, inside the app's middleware. */
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

  /** The routes as a text table, one line per route. */
  printRoutes(): string {
    return tableOf(this.router.routes);
  }

  /** The routes in the order of registration. */
  routes(): { method: string; pattern: string }[] {
    return this.router.routes.map(({ method, pattern }) => ({
      method,
      pattern: pattern.source,
    }));
  }

  /**
   * Ends registration and folds all middleware. The first `handle()` does the
   * same.
   *
   * @param limits of routes beside an existing app, which has its own
   */
  prepare(limits: RouteLimits = {}): this {
    this.#answer ??= this.#folded(limits);
    return this;
  }

  /**
   * Runs the whole stack for a request, without a socket. It never throws or
   * rejects: errors become responses. The result is synchronous if the handler
   * and its middleware are.
   */
  handle(request: HttpRequest): Answer {
    this.#answer ??= this.#folded({});
    return this.#answer(request);
  }

  /**
   * Serves the app until the process is told to stop.
   *
   * @throws Error for an app that was not made by `createApp()`,
   * `serveFetch()` or `serveNode()`
   */
  async run(): Promise<void> {
    if (!this.#run) {
      throw new Error("this App cannot run: make it with createApp()");
    }
    await this.#run(this);
  }

  #folded(limits: RouteLimits): Handler {
    this.router.seal(foldRoute);
    const answerError = answerErrorBy(this.#errorHandlers);
    const { router } = this;
    const dispatch = dispatcher({
      router,
      notFound: this.#notFound,
      fallback: this.#fallback,
      answerError,
      limits,
    });
    // Guarded one by one: outer middleware adds fields to every response, so it
    // must see the errors of inner middleware as responses too.
    return this.#scope.all().reduceRight<Handler>((next, around) => {
      return guarded(compose([around], next), answerError);
    }, dispatch);
  }
}

function checkFunction(what: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(`${what} takes a function, not ${typeof value}`);
}

const TITLES = ["METHOD", "PATTERN", "NAME", "MIDDLEWARE", "PLACE"];

/** A text table in the order of registration. */
function tableOf(routes: readonly Route[]): string {
  const rows = [TITLES, ...routes.map(cellsOf)];
  const widths = TITLES.map((_, column) => {
    return Math.max(...rows.map((row) => row[column]?.length ?? 0));
  });
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return cells.join("  ").trimEnd();
  });
  return lines.map((line) => `${line}\n`).join("");
}

function cellsOf(route: Route): string[] {
  const { method, pattern, options, place } = route;
  const { name = "-" } = options;
  return [method, pattern.source, name, middlewareNames(route), place || "-"];
}

function middlewareNames({ scope }: Route): string {
  const names = scope.all().map(({ name }) => name || "(anonymous)");
  return names.join(", ") || "-";
}
