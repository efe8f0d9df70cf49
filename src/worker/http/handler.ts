import type { HttpRequest, PathParams } from "./http-request.ts";
import type { HttpResponse } from "./http-response.ts";

/** A response or a promise of one; without one it is sent in the same tick. */
export type Answer = HttpResponse | Promise<HttpResponse>;

/** Responds to a request. An error becomes the response: see `HttpError`. */
export type Handler<Params extends PathParams = PathParams> = (
  request: HttpRequest<Params>,
) => Answer;

/** The rest of the chain. */
export type Next = (request: HttpRequest) => Answer;

/** Responds itself, or calls `next(request)` and may change the response. */
export type Middleware = (request: HttpRequest, next: Next) => Answer;
