import type { HttpRequest, PathParams } from "./http-request.ts";
import type { HttpResponse } from "./http-response.ts";

/** An answer now, or later. An answer now is sent in the same tick. */
export type Answer = HttpResponse | Promise<HttpResponse>;

/** Answers a request. What it throws becomes the answer: see `HttpError`. */
export type Handler<Params extends PathParams = PathParams> = (
  request: HttpRequest<Params>,
) => Answer;

/** The rest of the chain. */
export type Next = (request: HttpRequest) => Answer;

/**
 * Answers by itself, or passes on with `next(request)` and may change what
 * comes back.
 */
export type Middleware = (request: HttpRequest, next: Next) => Answer;
