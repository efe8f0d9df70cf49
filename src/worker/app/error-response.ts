import { isInstance, loggable, nameOf } from "../../shared/thrown-value.ts";
import { HttpHeaders } from "../http/fields/http-headers.ts";
import { HttpError, RequestAborted } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse } from "../http/http-response.ts";
import { HttpStatus } from "../http/http-status.ts";
import { problem } from "../http/response-helpers.ts";
import { describeRequest } from "./describe-request.ts";

/**
 * Turns an error into a response: an `HttpError` into its problem, any other
 * error into a 500 with an error id. The log has the same id with the details.
 */
export function errorResponse(
  error: unknown,
  request: HttpRequest,
): HttpResponse {
  if (isInstance(error, HttpError)) {
    try {
      return fromHttpError(error, request);
    } catch (unfit) {
      // Its fields or members cannot be sent: a bug in the app.
      return unexpected(unfit, request);
    }
  }
  if (isAbort(error, request)) {
    // The client is gone. Metrics and logs do not count a server error.
    const status = HttpStatus.ClientClosedRequest;
    return new HttpResponse(null, { status, reason: "Client Closed Request" });
  }
  return unexpected(error, request);
}

function unexpected(error: unknown, request: HttpRequest): HttpResponse {
  const errorId = crypto.randomUUID();
  request.span?.recordError(error);
  const what = `${describeRequest(request)} failed`;
  request.log.error({ err: loggable(error), errorId }, what);
  return problem(HttpStatus.InternalServerError, undefined, { errorId });
}

function fromHttpError(error: HttpError, request: HttpRequest): HttpResponse {
  if (error.status >= 500 && error.cause !== undefined) {
    const what = `${describeRequest(request)} failed with ${error.status}`;
    request.log.warn({ err: error }, what);
    request.span?.recordError(error);
  }
  const response = problem(error.status, error.message, error.members);
  const fields = new HttpHeaders(error.headers);
  for (const [name] of fields) response.headers.delete(name);
  for (const [name, value] of fields) response.headers.append(name, value);
  addRequiredField(response);
  return response;
}

/** Adds a field that the status requires, unless the error sets it. */
function addRequiredField({ status, headers }: HttpResponse): void {
  // RFC 9110 §11.6.1
  if (status === 401 && !headers.has("WWW-Authenticate")) {
    headers.set("WWW-Authenticate", "Basic");
  }
  // RFC 9110 §15.6.4: optional, but it tells clients when to retry.
  if (status === 503 && !headers.has("Retry-After")) {
    headers.set("Retry-After", "1");
  }
}

/** Whether the error reports a client abort, as our class or Node's. */
function isAbort(error: unknown, request: HttpRequest): boolean {
  if (isInstance(error, RequestAborted)) return true;
  if (nameOf(error) !== "AbortError") return false;
  // The signal of a fetch app aborts in both cases.
  return request.hasClientEnded || request.signal.aborted;
}
