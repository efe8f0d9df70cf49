/**
 * Runs per request: one look-up. The fields for listed origins are made at
 * start.
 */

import { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import type { HttpResponse } from "../../http/http-response.ts";
import { noContent } from "../../http/response-helpers.ts";
import { addVary } from "../add-vary.ts";
import { afterAnswer } from "../after-answer.ts";
import { whenKnown } from "../when-known.ts";
import {
  type CorsOptions,
  checkCorsOptions,
  isOrigin,
  type OriginTest,
} from "./cors-options.ts";

const VARY_BY_ORIGIN = new HttpHeaders({ Vary: "Origin" }).freeze();
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const FIELD_NAMES =
  /^[\w!#$%&'*+\-.^`|~]+(?:[ \t]*,[ \t]*[\w!#$%&'*+\-.^`|~]+)*$/;

/**
 * Lets pages of other origins read responses (Fetch, "CORS protocol"). It
 * refuses no request: authorization is up to `basicAuth()` and others.
 *
 * Register it with `app.use()` before authentication: then pages can read
 * refusals too, and preflights, which carry no credentials, are answered. A
 * preflight gets 204 whether or not a route exists.
 *
 * @throws TypeError for unknown, invalid or unsafe options
 */
export function cors(options: CorsOptions = {}): Middleware {
  checkCorsOptions(options);
  const { origins = "*" } = options;
  const fields = fieldsOf(options);
  if (origins === "*") return forAll(fields);
  const isAllowed = originTest(origins);
  const listed = typeof origins === "function" ? [] : origins;
  const grants = new Map(listed.map((one) => [one, grantOf(fields, one)]));

  return (request, next) => {
    const origin = request.headers.get("origin");
    const allowed = origin !== undefined && isAllowed(origin, request);
    return whenKnown(allowed, (isGranted) => {
      const granted = isGranted === true ? origin : undefined;
      if (isPreflight(request)) {
        const answer = preflight(request, fields, granted);
        varyByOrigin(answer);
        return answer;
      }
      return afterAnswer(next(request), request, (response) => {
        // Refused and same-origin responses vary as well: a cache could serve
        // them to an allowed page (Fetch, "CORS protocol and HTTP caches").
        varyByOrigin(response);
        if (granted === undefined) return response;
        const grant = grants.get(granted) ?? grantOf(fields, granted);
        response.headers.setAll(grant);
        return response;
      });
    });
  };
}

/** Field values; undefined omits the field. */
interface CorsFields {
  readonly credentials: boolean;
  readonly methods: string;
  readonly requestHeaders: string | undefined;
  readonly exposedHeaders: string | undefined;
  readonly maxAge: string;
}

function fieldsOf(options: CorsOptions): CorsFields {
  const { credentials = false, methods = METHODS } = options;
  const { requestHeaders, exposedHeaders = [], maxAgeSeconds = 600 } = options;
  return {
    credentials,
    methods: methods.join(", "),
    requestHeaders: requestHeaders?.join(", "),
    exposedHeaders: exposedHeaders.join(", ") || undefined,
    maxAge: String(maxAgeSeconds),
  };
}

/** One grant for all origins, so `Vary` is not needed. */
function forAll(fields: CorsFields): Middleware {
  const grant = grantOf(fields, "*");
  const change = (response: HttpResponse) => {
    response.headers.setAll(grant);
    return response;
  };
  return (request, next) => {
    return isPreflight(request)
      ? preflight(request, fields, "*")
      : afterAnswer(next(request), request, change);
  };
}

function originTest(origins: readonly string[] | OriginTest): OriginTest {
  if (typeof origins === "function") {
    return (origin, request) => isOrigin(origin) && origins(origin, request);
  }
  const allowed = new Set(origins);
  return (origin) => allowed.has(origin);
}

/** Fetch, "CORS protocol", "HTTP requests"; other OPTIONS are the app's. */
function isPreflight({ method, headers }: HttpRequest): boolean {
  return (
    method === "OPTIONS" &&
    headers.has("origin") &&
    headers.has("access-control-request-method")
  );
}

function preflight(
  request: HttpRequest,
  fields: CorsFields,
  origin: string | undefined,
): HttpResponse {
  const answer = noContent();
  const { headers } = answer;
  if (fields.requestHeaders === undefined) {
    addVary(headers, "Access-Control-Request-Headers");
  }
  if (origin === undefined) return answer;
  allow(headers, fields, origin);
  headers.set("Access-Control-Allow-Methods", fields.methods);
  headers.set("Access-Control-Max-Age", fields.maxAge);
  const asked = request.headers.get("access-control-request-headers") ?? "";
  const allowed =
    fields.requestHeaders ?? (FIELD_NAMES.test(asked) ? asked : "");
  if (allowed) headers.set("Access-Control-Allow-Headers", allowed);
  return answer;
}

/** The fields that let pages of an origin read a response. */
function grantOf(fields: CorsFields, origin: string): HttpHeaders {
  const headers = new HttpHeaders();
  allow(headers, fields, origin);
  if (fields.exposedHeaders !== undefined) {
    headers.set("Access-Control-Expose-Headers", fields.exposedHeaders);
  }
  return headers.freeze();
}

function allow(
  headers: HttpHeaders,
  { credentials }: CorsFields,
  origin: string,
): void {
  headers.set("Access-Control-Allow-Origin", origin);
  if (credentials) headers.set("Access-Control-Allow-Credentials", "true");
}

function varyByOrigin({ headers }: HttpResponse): void {
  if (headers.has("vary")) addVary(headers, "Origin");
  else headers.setAll(VARY_BY_ORIGIN);
}
