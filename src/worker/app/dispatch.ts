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
import { guarded } from "./guarded.ts";

type NotRouted = Exclude<Found, { type: "route" | "noPath" }>;

/**
 * A handler that lets the router decide: the route's answer, or 404, 405, 501,
 * or for OPTIONS the methods there are. It never throws.
 *
 * It sets the request's `route`, also where the path fits but the method does
 * not, and its `pathParams`.
 */
export function dispatcher(options: DispatchOptions): Handler {
  const { router, rest, answerError } = options;
  const answer = rest
    ? withRest(router, rest)
    : (request: HttpRequest) => dispatch(options, request);
  return guarded(answer, answerError);
}

export interface DispatchOptions {
  readonly router: Router;
  /** Answers where no route has the path. */
  readonly notFound: Handler;
  /** Answers where no route takes the request, in place of all of these. */
  readonly rest: Handler | undefined;
  readonly answerError: AnswerError;
}

function withRest(router: Router, rest: Handler): Handler {
  if (router.routes.length === 0) return rest;
  return (request) => {
    const found = findIfAny(router, request);
    return found?.type === "route" ? take(found, request) : rest(request);
  };
}

/** What is wrong with a path that no route takes is the rest's affair. */
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
  // For middleware that reads the body; for the handler see `limited()`.
  if (maxBodyBytes !== undefined) request.body.limitTo(maxBodyBytes);
  return route.answer(request);
}

/** An upgrade that has no route is no upgrade: HTTP goes on. */
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
      // RFC 9110 §9.1: 501 for a method that is not known at all.
      return problem(HttpStatus.NotImplemented);
    default:
      return found satisfies never;
  }
}

/** RFC 9110 §9.3.7 */
function options(allow: readonly string[]): HttpResponse {
  return noContent().with("Allow", allow.join(", "));
}
