/** Runs per request that has a condition; asks for each field once. */
import type { HttpRequest } from "../../http/http-request.ts";
import {
  matchesStrongly,
  matchesWeakly,
  parseEntityTags,
} from "./entity-tag.ts";
import { parseHttpDate } from "./http-date.ts";

/** What is known of a resource's current representation. */
export interface Validators {
  /** As the field has it: `"x"` or `W/"x"`. */
  readonly etag?: string | undefined;
  /** Parts of a second do not count. */
  readonly lastModified?: Date | undefined;
}

/**
 * - `"proceed"`: answer as if there were no condition
 * - `"notModified"`: answer 304, the client has it
 * - `"failed"`: answer 412, and do nothing
 */
export type PreconditionResult = "proceed" | "notModified" | "failed";

// RFC 9110 §13.2.1: these select and change no representation.
const WITHOUT_CONDITIONS = new Set(["CONNECT", "OPTIONS", "TRACE"]);

/**
 * Evaluates `If-Match`, `If-Unmodified-Since`, `If-None-Match` and
 * `If-Modified-Since`, in the order of RFC 9110 §13.2.2. Call it after all
 * other checks, just before the method's action (§13.2.1).
 *
 * @param current undefined where nothing is there yet
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
  // §13.1.3: of a GET or HEAD only, and only where there is no tag to compare.
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
 * §13.1.3, §13.1.4: undefined, so that the field is ignored, where it is no
 * date or nothing is known to compare it with.
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
