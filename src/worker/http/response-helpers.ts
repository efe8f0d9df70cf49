/** Functions for common responses; each returns a new `HttpResponse`. */
import { HttpHeaders } from "./fields/http-headers.ts";
import { HttpResponse } from "./http-response.ts";
import { HttpStatus, reasonPhrase } from "./http-status.ts";

const typed = (contentType: string): HttpHeaders =>
  new HttpHeaders({ "Content-Type": contentType }).freeze();

const JSON_FIELDS = typed("application/json");
const TEXT_FIELDS = typed("text/plain; charset=utf-8");
const HTML_FIELDS = typed("text/html; charset=utf-8");
const BYTES_FIELDS = typed("application/octet-stream");
const PROBLEM_FIELDS = typed("application/problem+json");

/** The value as JSON. @throws TypeError where it has no JSON form */
export function json(value: unknown, status = 200): HttpResponse {
  const body = JSON.stringify(value);
  if (body === undefined) {
    throw new TypeError(`a ${typeof value} has no JSON form`);
  }
  return new HttpResponse(body, { status, headers: JSON_FIELDS });
}

export function text(content: string, status = 200): HttpResponse {
  return new HttpResponse(content, { status, headers: TEXT_FIELDS });
}

export function html(content: string, status = 200): HttpResponse {
  return new HttpResponse(content, { status, headers: HTML_FIELDS });
}

/**
 * Streams the chunks of the source, no faster than the client reads.
 *
 * @param source a `Readable`, a web `ReadableStream` or an async generator
 */
export function stream(
  source: AsyncIterable<string | Uint8Array>,
  contentType = "application/octet-stream",
): HttpResponse {
  const headers =
    contentType === "application/octet-stream"
      ? BYTES_FIELDS
      : typed(contentType);
  return new HttpResponse(source, { headers });
}

/**
 * 200 with the content in its natural form: text as text/plain, bytes as
 * application/octet-stream, other values as JSON, undefined as an empty body.
 */
export function ok(content?: unknown): HttpResponse {
  return natural(content, HttpStatus.Ok);
}

/** 201, with `Location` where given (RFC 9110 §15.3.2). */
export function created(content?: unknown, location?: string): HttpResponse {
  const response = natural(content, HttpStatus.Created);
  return location === undefined
    ? response
    : response.with("Location", location);
}

/** 202 (RFC 9110 §15.3.3). */
export function accepted(content?: unknown): HttpResponse {
  return natural(content, HttpStatus.Accepted);
}

/** 204 (RFC 9110 §15.3.5). */
export function noContent(): HttpResponse {
  return new HttpResponse(null, { status: HttpStatus.NoContent });
}

/**
 * A redirect: 302, or 301, 303, 307, 308.
 *
 * @throws RangeError for another status, TypeError for a location that is not a
 * valid field value
 */
export function redirect(location: string, status = 302): HttpResponse {
  if (![301, 302, 303, 307, 308].includes(status)) {
    throw new RangeError(`a redirect is 301, 302, 303, 307 or 308: ${status}`);
  }
  return new HttpResponse(null, { status, headers: { Location: location } });
}

/**
 * An error in the form of RFC 9457, `application/problem+json`.
 *
 * @param members extension members; they replace standard ones of that name
 */
export function problem(
  status: number,
  detail?: string,
  members?: Readonly<Record<string, unknown>>,
): HttpResponse {
  const title = reasonPhrase(status) || "Error";
  const known = detail === undefined || detail === title;
  const content = known ? { title, status } : { title, status, detail };
  const body = JSON.stringify(members ? { ...content, ...members } : content);
  return new HttpResponse(body, { status, headers: PROBLEM_FIELDS });
}

export const badRequest = (detail?: string): HttpResponse =>
  problem(HttpStatus.BadRequest, detail);

/** 401, with the challenge that RFC 9110 §11.6.1 requires. */
export const unauthorized = (challenge = "Basic", detail?: string) =>
  problem(HttpStatus.Unauthorized, detail).with("WWW-Authenticate", challenge);

export const forbidden = (detail?: string): HttpResponse =>
  problem(HttpStatus.Forbidden, detail);

export const notFound = (detail?: string): HttpResponse =>
  problem(HttpStatus.NotFound, detail);

export const conflict = (detail?: string): HttpResponse =>
  problem(HttpStatus.Conflict, detail);

/** 405 with the methods that the resource supports (RFC 9110 §15.5.6). */
export const methodNotAllowed = (allow: readonly string[]): HttpResponse =>
  problem(HttpStatus.MethodNotAllowed).with("Allow", allow.join(", "));

/** 426 with the protocols to switch to (RFC 9110 §15.5.22). */
export const upgradeRequired = (protocols: readonly string[]): HttpResponse =>
  problem(HttpStatus.UpgradeRequired).with("Upgrade", protocols.join(", "));

export const tooManyRequests = (retryAfterSeconds: number): HttpResponse =>
  problem(HttpStatus.TooManyRequests).with(
    "Retry-After",
    String(Math.ceil(retryAfterSeconds)),
  );

export const serverError = (detail?: string): HttpResponse =>
  problem(HttpStatus.InternalServerError, detail);

/** 503 with the delay before a retry. */
export const serviceUnavailable = (retryAfterSeconds = 1): HttpResponse =>
  problem(HttpStatus.ServiceUnavailable).with(
    "Retry-After",
    String(Math.ceil(retryAfterSeconds)),
  );

function natural(content: unknown, status: number): HttpResponse {
  if (content === undefined) return new HttpResponse(null, { status });
  if (typeof content === "string") return text(content, status);
  if (content instanceof Uint8Array) {
    return new HttpResponse(content, { status, headers: BYTES_FIELDS });
  }
  return json(content, status);
}
