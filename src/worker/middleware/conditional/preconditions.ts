/** Runs per request with a condition: one look-up per field. */
import type { HttpRequest } from "../../http/http-request.ts";
import {
  matchesStrongly,
  matchesWeakly,
  parseEntityTags,
} from "./entity-tag.ts";
import { parseHttpDate } from "./http-date.ts";

/** Validators of a resource's current representation (RFC 9110 §8.8). */
export interface Validators {
  /** In the syntax of the field: `"x"` or `W/"x"`. */
  readonly etag?: string | undefined;
  /** Fractions of a second are ignored. */
  readonly lastModified?: Date | undefined;
}

/**
 * - `"proceed"`: perform the method
 * - `"notModified"`: answer 304; the client has the content
 * - `"failed"`: answer 412 without performing the method
 */
export type PreconditionResult = "proceed" | "notModified" | "failed";

// RFC 9110 §13.2.1: these neither select nor change a representation.
const WITHOUT_CONDITIONS = new Set(["CONNECT", "OPTIONS", "TRACE"]);

/**
 * Evaluates `If-Match`, `If-Unmodified-Since`, `If-None-Match` and
 * `If-Modified-Since`, in the order of RFC 9110 §13.2.2. Call it after all
 * other checks, just before the method's action (§13.2.1).
 *
 * @param current undefined if the resource does not exist yet
 */
export function evaluatePreconditions(
  request: HttpRequest,
  current: Validators | undefined,
): PreconditionResult {
  const { method, headers } = request;
  if (WITHOUT_CONDITIONS.has(method)) return "proceed";
  const ifMatch = headers.get("if-match");
  if (ifMatch !== undefined) {
    if (!isMatch(ifMatch, current)) return "failed";
  } else if (isModifiedSince(headers.get("if-unmodified-since"), current)) {
    return "failed";
  }

  const isRead = method === "GET" || method === "HEAD";
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined) {
    if (isNoneMatch(ifNoneMatch, current)) return "proceed";
    return isRead ? "notModified" : "failed";
  }
  // §13.1.3: for GET and HEAD only, and only without If-None-Match.
  if (!isRead) return "proceed";
  const isOld = isModifiedSince(headers.get("if-modified-since"), current);
  return isOld === false ? "notModified" : "proceed";
}

/** §13.1.1: strong comparison; `*` is any representation. */
function isMatch(field: string, current: Validators | undefined): boolean {
  if (field === "*") return current !== undefined;
  const etag = current?.etag;
  if (etag === undefined) return false;
  return parseEntityTags(field).some((tag) => matchesStrongly(tag, etag));
}

/** §13.1.2: weak comparison; `*` is any representation. */
function isNoneMatch(field: string, current: Validators | undefined): boolean {
  if (field === "*") return current === undefined;
  const etag = current?.etag;
  if (etag === undefined) return true;
  return !parseEntityTags(field).some((tag) => matchesWeakly(tag, etag));
}

/**
 * §13.1.3, §13.1.4: undefined, which ignores the field, for an invalid date and
 * for a resource without a date.
 */
function isModifiedSince(
  field: string | undefined,
  current: Validators | undefined,
): boolean | undefined {
  const lastModified = current?.lastModified;
  if (field === undefined || lastModified === undefined) return undefined;
  const sinceMs = parseHttpDate(field);
  if (sinceMs === undefined) return undefined;
  return Math.floor(lastModified.getTime() / 1000) * 1000 > sinceMs;
}
