/** Runs per request: decides what to send of a file, without reading it. */
import { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { HttpResponse } from "../../http/http-response.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { problem } from "../../http/response-helpers.ts";
import { matchesStrongly } from "../conditional/entity-tag.ts";
import { formatHttpDate, parseHttpDate } from "../conditional/http-date.ts";
import { notModified } from "../conditional/not-modified.ts";
import { evaluatePreconditions } from "../conditional/preconditions.ts";
import { type ByteRange, wantedRanges } from "./byte-ranges.ts";
import {
  contentRange,
  type FileContent,
  multipartContent,
  rangeContent,
  wholeContent,
} from "./file-content.ts";

/** Facts about a file, known before it is read. */
export interface FileFacts {
  readonly bytes: number;
  /** Time of the last change, in milliseconds since 1970. */
  readonly modifiedMs: number;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Coding of a precompressed file. */
  readonly coding: string | undefined;
  /** Whether other requests may get a different coding. */
  readonly hasVariants: boolean;
}

export type FileAnswer =
  /** A response without content of the file. */
  | { readonly type: "bare"; readonly response: HttpResponse }
  | {
      readonly type: "content";
      readonly status: number;
      readonly headers: HttpHeaders;
      readonly content: FileContent;
    };

/** @param now in milliseconds since 1970 */
export function fileAnswer(
  request: HttpRequest,
  facts: FileFacts,
  now: number,
): FileAnswer {
  const { bytes, contentType } = facts;
  const validators = validatorsOf(facts, now);
  const headers = fieldsOf(facts, validators);
  const result = evaluatePreconditions(request, validators);
  if (result === "failed") return bare(problem(HttpStatus.PreconditionFailed));
  if (result === "notModified") {
    return bare(notModified(new HttpResponse(null, { headers })));
  }
  const isHead = request.method === "HEAD";
  // RFC 9110 §14.2: Range applies to GET only.
  const wanted = isHead ? undefined : rangeField(request, facts, now);
  const found = wantedRanges(wanted, bytes);
  switch (found.type) {
    case "whole":
      headers.set("Content-Length", String(bytes));
      if (isHead || bytes === 0) {
        return bare(new HttpResponse(null, { headers }));
      }
      return content(HttpStatus.Ok, headers, wholeContent(bytes));
    case "ranges":
      return partial(found.ranges, headers, { bytes, contentType });
    case "unsatisfiable":
      return bare(
        problem(HttpStatus.RangeNotSatisfiable)
          .with("Content-Range", `bytes */${bytes}`) // §15.5.17
          .with("Accept-Ranges", "bytes"),
      );
    default:
      return found satisfies never;
  }
}

interface FileValidators {
  readonly etag: string;
  readonly lastModified: Date;
}

function validatorsOf(facts: FileFacts, now: number): FileValidators {
  const { bytes, modifiedMs, coding } = facts;
  const suffix = coding ? `-${coding}` : "";
  const modifiedUs = Math.max(0, Math.floor(modifiedMs * 1000));
  // Weak: a file can change without a change of its length and time.
  const etag = `W/"${bytes.toString(16)}-${modifiedUs.toString(16)}${suffix}"`;
  // §8.8.2.1: not later than the date of the response.
  return { etag, lastModified: new Date(Math.min(modifiedMs, now)) };
}

function fieldsOf(facts: FileFacts, validators: FileValidators): HttpHeaders {
  const headers = new HttpHeaders({
    "Content-Type": facts.contentType,
    "Cache-Control": facts.cacheControl,
    "Last-Modified": formatHttpDate(validators.lastModified.getTime()),
    ETag: validators.etag,
    "Accept-Ranges": "bytes",
    "X-Content-Type-Options": "nosniff",
  });
  const { coding, hasVariants } = facts;
  if (coding) headers.set("Content-Encoding", coding);
  if (hasVariants) headers.set("Vary", "Accept-Encoding");
  return headers;
}

/** `Range`, unless `If-Range` asks for the whole content (§13.1.5). */
function rangeField(
  { headers }: HttpRequest,
  facts: FileFacts,
  now: number,
): string | undefined {
  const range = headers.get("range");
  if (range === undefined) return undefined;
  const condition = headers.get("if-range");
  if (condition === undefined) return range;
  // §8.8.1: all codings share a date, so it does not identify one.
  if (facts.hasVariants && !condition.endsWith('"')) return undefined;
  const validators = validatorsOf(facts, now);
  return isSame(condition, validators, now) ? range : undefined;
}

/** §13.1.5: same octets, by a strong tag or the exact date. */
function isSame(
  condition: string,
  { etag, lastModified }: FileValidators,
  now: number,
): boolean {
  if (condition.endsWith('"')) return matchesStrongly(condition, etag);
  const modifiedMs = Math.floor(lastModified.getTime() / 1000) * 1000;
  // §8.8.2.2: the file could change again within the same second.
  const isStrong = now - modifiedMs >= 1000;
  return isStrong && parseHttpDate(condition) === modifiedMs;
}

function partial(
  ranges: readonly ByteRange[],
  headers: HttpHeaders,
  { bytes, contentType }: Pick<FileFacts, "bytes" | "contentType">,
): FileAnswer {
  const [range] = ranges;
  // §15.3.7.2: a single range is not sent as multipart.
  if (range && ranges.length === 1) {
    headers.set("Content-Range", contentRange(range, bytes));
    return partialContent(headers, rangeContent(range));
  }
  const multipart = multipartContent(ranges, bytes, contentType);
  headers.set("Content-Type", multipart.contentType);
  return partialContent(headers, multipart);
}

function partialContent(headers: HttpHeaders, parts: FileContent): FileAnswer {
  headers.set("Content-Length", String(parts.bytes));
  return content(HttpStatus.PartialContent, headers, parts);
}

function content(
  status: number,
  headers: HttpHeaders,
  content: FileContent,
): FileAnswer {
  return { type: "content", status, headers, content };
}

function bare(response: HttpResponse): FileAnswer {
  return { type: "bare", response };
}
