/**
 * Runs per request: one hash per whole body of a 200 response, 3 µs for 2 KiB;
 * other responses cost nothing.
 */
import { hash } from "node:crypto";
import {
  checkOptions,
  integer,
  ofType,
} from "../../../shared/check-options.ts";
import { discardBody } from "../../http/body/chunk-source.ts";
import type { Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import type { HttpResponse } from "../../http/http-response.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { problem } from "../../http/response-helpers.ts";
import { afterAnswer } from "../after-answer.ts";
import { hasDirective } from "../has-directive.ts";
import { parseHttpDate } from "./http-date.ts";
import { notModified } from "./not-modified.ts";
import { evaluatePreconditions } from "./preconditions.ts";

export interface EtagOptions {
  /**
   * Whether to make weak tags, which stand for equivalent content instead of
   * equal octets (RFC 9110 §8.8.1). Default: false.
   */
  readonly weak?: boolean;
  /** Longer bodies get no tag: hashing blocks the event loop. Default: 1 MiB. */
  readonly maxBytes?: number;
}

const MIB = 1_048_576;
/** 162 bits, to resist collisions; the whole digest has 43 characters. */
const HASH_CHARS = 27;

/**
 * Adds `ETag` to responses, and evaluates conditional requests (RFC 9110 §13).
 *
 * It handles 200 responses to GET and HEAD. A whole body without a tag and
 * without `no-store` gets one of its length and its SHA-256 (27 characters of
 * base64url). The response becomes 304 or 412 if the request's conditions ask
 * for that; a handler's own `ETag` or `Last-Modified` counts as well.
 *
 * This saves bytes, not the handler's work. It cannot guard a PUT, whose
 * condition must be checked first: see `evaluatePreconditions()`.
 *
 * @throws TypeError for an unknown or invalid option
 */
export function etag(options: EtagOptions = {}): Middleware {
  checkOptions("etag()", options, {
    weak: ofType("boolean"),
    maxBytes: integer(0, Number.MAX_SAFE_INTEGER),
  });
  const { weak = false, maxBytes = MIB } = options;
  const change = (response: HttpResponse, request: HttpRequest) => {
    if (response.status !== HttpStatus.Ok) return response;
    const tag = response.fields?.get("etag") ?? made(response);
    return conditional(response, request, tag);
  };
  const made = (response: HttpResponse) => {
    const tag = tagOf(response, maxBytes);
    if (tag === undefined) return undefined;
    const etag = weak ? `W/${tag}` : tag;
    response.headers.set("ETag", etag);
    return etag;
  };
  return (request, next) => {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD") return next(request);
    return afterAnswer(next(request), request, change);
  };
}

function tagOf(response: HttpResponse, maxBytes: number): string | undefined {
  const { body } = response;
  const isWhole = typeof body === "string" || body instanceof Uint8Array;
  if (!isWhole || body.length > maxBytes) return undefined;
  if (hasDirective(response.fields, "no-store")) return undefined;
  const bytes = Buffer.byteLength(body);
  if (bytes > maxBytes) return undefined;
  const digest = hash("sha256", body, "base64url").slice(0, HASH_CHARS);
  return `"${bytes.toString(16)}-${digest}"`;
}

function conditional(
  response: HttpResponse,
  request: HttpRequest,
  etag: string | undefined,
): HttpResponse {
  const dateText = response.fields?.get("last-modified");
  const dateMs = dateText === undefined ? undefined : parseHttpDate(dateText);
  // Conditions need a validator.
  if (etag === undefined && dateMs === undefined) return response;
  const lastModified = dateMs === undefined ? undefined : new Date(dateMs);
  const result = evaluatePreconditions(request, { etag, lastModified });
  switch (result) {
    case "proceed":
      return response;
    case "notModified":
      return notModified(response);
    case "failed":
      discardBody(response);
      return problem(HttpStatus.PreconditionFailed);
    default:
      return result satisfies never;
  }
}
