/** Runs per request. */

import type { Answer, Handler } from "../http/handler.ts";
import { HttpError } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { HttpStatus } from "../http/http-status.ts";
import {
  methodNotAllowed,
  noContent,
  problem,
  upgradeRequired,
} from "../http/response-helpers.ts";
import type { FoundRoute } from "../routing/method-routes.ts";
import { upgradeMethod } from "../routing/route.ts";
import type { Found } from "../routing/route-table.ts";
import type { Router } from "../routing/router.ts";
import type { AnswerError } from "./error-handler.ts";
import { guarded } from "./fold-route.ts";

type NotRouted = Exclude<Found, { type: "route" | "noPath" }>;

/**
 * Returns a handler that runs the route of a request. Without a route it
 * answers 404, 405, 426 or 501, and OPTIONS with the allowed methods. It never
 * throws.
 *
 * It sets the request's `route` and `pathParams`; `route` also for a path whose
 * routes have other methods.
 */
export function dispatcher(options: DispatchOptions): Handler {
  const { fallback, answerError } = options;
  const answer = fallback
    ? withFallback(options, fallback)
    : (request: HttpRequest) => dispatch(options, request);
  return guarded(answer, answerError);
}

export interface DispatchOptions {
  readonly router: Router;
  /** Handles paths without a route. */
  readonly notFound: Handler;
  /** Handles all requests that match no route, if given. */
  readonly fallback: Handler | undefined;
  readonly answerError: AnswerError;
  readonly limits: RouteLimits;
}

export interface RouteLimits {
  /** For routes beside a fallback, which is sent longer bodies. */
  readonly maxRouteBodyBytes?: number;
}

function withFallback(
  { router, limits: { maxRouteBodyBytes } }: DispatchOptions,
  fallback: Handler,
): Handler {
  if (router.routes.length === 0) return fallback;
  return (request) => {
    const found = findIfAny(router, request);
    if (found?.type !== "route") return fallback(request);
    if (maxRouteBodyBytes !== undefined) {
      request.body.limitTo(maxRouteBodyBytes);
    }
    return take(found, request);
  };
}

/** The fallback judges malformed paths itself. */
function findIfAny(router: Router, request: HttpRequest): Found | undefined {
  try {
    return find(router, request);
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}

function dispatch(options: DispatchOptions, request: HttpRequest): Answer {
  const found = find(options.router, request);
  if (found.type === "noPath") return options.notFound(request);
  if (found.type !== "route") return withoutRoute(found, request);
  return take(found, request);
}

function take({ route, params }: FoundRoute, request: HttpRequest): Answer {
  request.route = route.pattern.source;
  request.pathParams = params;
  const { handlerTimeoutMs, maxBodyBytes } = route.options;
  if (handlerTimeoutMs !== undefined) {
    request.handlerTimeoutMs = handlerTimeoutMs;
  }
  // For middleware that reads the body; for the handler see `foldRoute()`.
  if (maxBodyBytes !== undefined) request.body.limitTo(maxBodyBytes);
  return route.answer(request);
}

/** An upgrade without a route is handled as a plain HTTP request. */
function find(router: Router, request: HttpRequest): Found {
  const { method, path, upgrades } = request;
  if (upgrades.length > 0 && method === "GET") {
    for (const protocol of upgrades) {
      const found = router.find(upgradeMethod(protocol), path);
      if (found.type === "route") return found;
    }
  }
  return router.find(method, path);
}

function withoutRoute(found: NotRouted, request: HttpRequest): HttpResponse {
  switch (found.type) {
    case "otherMethods":
      request.route = found.pattern;
      return request.method === "OPTIONS"
        ? options(found.allow)
        : methodNotAllowed(found.allow);
    case "upgradeOnly":
      request.route = found.pattern;
      return request.method === "OPTIONS"
        ? options(["GET", "OPTIONS"])
        : upgradeRequired(found.protocols);
    case "server":
      return options(found.allow);
    case "unknownMethod":
      // RFC 9110 §9.1: 501 for an unknown method.
      return problem(HttpStatus.NotImplemented);
    default:
      return found satisfies never;
  }
}

/** RFC 9110 §9.3.7 */
function options(allow: readonly string[]): HttpResponse {
  return noContent().with("Allow", allow.join(", "));
}
