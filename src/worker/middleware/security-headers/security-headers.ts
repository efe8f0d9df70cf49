/**
 * Runs per request: all fields are made at start. A nonce costs its request one
 * field.
 */

import {
  checkOptions,
  integer,
  ofType,
  oneOf,
} from "../../../shared/check-options.ts";
import { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import type { HttpResponse } from "../../http/http-response.ts";
import { afterAnswer } from "../after-answer.ts";
import {
  type ContentSecurityPolicy,
  type CspDirectives,
  type CspSource,
  contentSecurityPolicy,
} from "./content-security-policy.ts";
import { existingNonce } from "./csp-nonce.ts";
import {
  type PermissionsPolicy,
  permissionsPolicyField,
} from "./permissions-policy.ts";

export interface HstsOptions {
  /** How long browsers insist on TLS. Default: 31,536,000, one year. */
  readonly maxAgeSeconds?: number;
  /** Default: false. */
  readonly includeSubDomains?: boolean;
  /** Consents to the preload lists of browsers. Default: false. */
  readonly preload?: boolean;
  /**
   * Whether to send it over plain HTTP as well, for a server behind a proxy
   * that terminates TLS. Default: false.
   */
  readonly always?: boolean;
}

const REFERRER_POLICIES = [
  "no-referrer",
  "no-referrer-when-downgrade",
  "origin",
  "origin-when-cross-origin",
  "same-origin",
  "strict-origin",
  "strict-origin-when-cross-origin",
  "unsafe-url",
] as const;
const OPENER_POLICIES = [
  "same-origin",
  "same-origin-allow-popups",
  "noopener-allow-popups",
  "unsafe-none",
] as const;
const RESOURCE_POLICIES = ["same-origin", "same-site", "cross-origin"] as const;
const EMBEDDER_POLICIES = ["require-corp", "credentialless"] as const;

/** `false` omits a field. */
export interface SecurityHeadersOptions {
  /** `Strict-Transport-Security` (RFC 6797) over TLS. Default: one year. */
  readonly hsts?: HstsOptions | false;
  /** `X-Content-Type-Options: nosniff`. Default: true. */
  readonly noSniff?: boolean;
  /** `Referrer-Policy`. Default: "strict-origin-when-cross-origin". */
  readonly referrerPolicy?: (typeof REFERRER_POLICIES)[number] | false;
  /**
   * Origins that may embed responses in frames: sets `frame-ancestors` of the
   * policy and, for "none" and "self", `X-Frame-Options` (RFC 7034).
   * Default: "self".
   */
  readonly frameAncestors?: "none" | "self" | readonly CspSource[] | false;
  /** `Cross-Origin-Opener-Policy`. Default: "same-origin". */
  readonly openerPolicy?: (typeof OPENER_POLICIES)[number] | false;
  /** `Cross-Origin-Resource-Policy`. Default: "same-origin". */
  readonly resourcePolicy?: (typeof RESOURCE_POLICIES)[number] | false;
  /** `Cross-Origin-Embedder-Policy`. Default: none. */
  readonly embedderPolicy?: (typeof EMBEDDER_POLICIES)[number] | false;
  /** `Permissions-Policy`: origins by feature. Default: none. */
  readonly permissionsPolicy?: PermissionsPolicy;
  /** `Content-Security-Policy`. Default: only `frame-ancestors`. */
  readonly contentSecurityPolicy?: CspDirectives;
  /** Whether violations are only reported, not blocked. Default: false. */
  readonly reportOnly?: boolean;
}

const orFalse = ({ isValid, valid }: ReturnType<typeof oneOf>) => ({
  isValid: (value: unknown) => value === false || isValid(value),
  valid: `${valid} or false`,
});
const OBJECT = {
  isValid: (value: unknown) => typeof value === "object" && value !== null,
  valid: "an object",
};
const CSP = "Content-Security-Policy";
const YEAR_SECONDS = 31_536_000;

/**
 * Adds the fields by which browsers protect their users. A handler's own values
 * are kept. Register it as the outermost middleware, with `app.use()`.
 *
 * @throws TypeError for an unknown or invalid option
 */
export function securityHeaders(
  options: SecurityHeadersOptions = {},
): Middleware {
  checkOptions("securityHeaders()", options, {
    hsts: orFalse(OBJECT),
    noSniff: ofType("boolean"),
    referrerPolicy: orFalse(oneOf(...REFERRER_POLICIES)),
    frameAncestors: {
      isValid: (value) =>
        ["none", "self", false].includes(value as string) ||
        Array.isArray(value),
      valid: '"none", "self", an array of sources or false',
    },
    openerPolicy: orFalse(oneOf(...OPENER_POLICIES)),
    resourcePolicy: orFalse(oneOf(...RESOURCE_POLICIES)),
    embedderPolicy: orFalse(oneOf(...EMBEDDER_POLICIES)),
    permissionsPolicy: OBJECT,
    contentSecurityPolicy: OBJECT,
    reportOnly: ofType("boolean"),
  });
  const { hsts = {}, reportOnly = false } = options;
  const own = checkedDirectives(options);
  const framing = framingOf(options);
  const policyName = reportOnly ? `${CSP}-Report-Only` : CSP;
  const policy = contentSecurityPolicy(
    reportOnly ? own : { ...own, ...framing },
  );
  const plain = fieldsOf(options);
  // Framing is restricted even if the rest is only reported.
  if (reportOnly) setPolicy(plain, CSP, contentSecurityPolicy(framing));
  setPolicy(plain, policyName, policy);
  const overTls = new HttpHeaders(plain);
  if (hsts) overTls.set("Strict-Transport-Security", hstsField(hsts));
  plain.freeze();
  overTls.freeze();
  const isAlwaysTls = hsts !== false && hsts.always === true;

  const change = (response: HttpResponse, request: HttpRequest) => {
    const nonce = policy.usesNonce ? existingNonce(request) : undefined;
    if (nonce !== undefined && !response.fields?.has(policyName)) {
      response.headers.set(policyName, policy.valueWith(nonce));
    }
    const isTls = isAlwaysTls || request.protocol === "https";
    return response.addMissing(isTls ? overTls : plain);
  };
  return (request, next) => afterAnswer(next(request), request, change);
}

/** The fields that do not depend on the request. */
function fieldsOf(options: SecurityHeadersOptions): HttpHeaders {
  const {
    noSniff = true,
    referrerPolicy = "strict-origin-when-cross-origin",
    frameAncestors = "self",
    openerPolicy = "same-origin",
    resourcePolicy = "same-origin",
    embedderPolicy = false,
    permissionsPolicy = {},
  } = options;
  const headers = new HttpHeaders();
  const add = (name: string, value: string | false) => {
    if (value !== false && value !== "") headers.set(name, value);
  };
  add("X-Content-Type-Options", noSniff && "nosniff");
  add("Referrer-Policy", referrerPolicy);
  if (frameAncestors === "none") add("X-Frame-Options", "DENY");
  if (frameAncestors === "self") add("X-Frame-Options", "SAMEORIGIN");
  add("Cross-Origin-Opener-Policy", openerPolicy);
  add("Cross-Origin-Resource-Policy", resourcePolicy);
  add("Cross-Origin-Embedder-Policy", embedderPolicy);
  add("Permissions-Policy", permissionsPolicyField(permissionsPolicy));
  return headers;
}

function setPolicy(
  headers: HttpHeaders,
  name: string,
  { value }: ContentSecurityPolicy,
): void {
  if (value !== "") headers.set(name, value);
}

function checkedDirectives(options: SecurityHeadersOptions): CspDirectives {
  const { contentSecurityPolicy = {} } = options;
  if (!("frame-ancestors" in contentSecurityPolicy)) {
    return contentSecurityPolicy;
  }
  throw new TypeError(
    'the directive "frame-ancestors" of securityHeaders() is the option ' +
      "frameAncestors",
  );
}

function framingOf({ frameAncestors = "self" }: SecurityHeadersOptions) {
  if (frameAncestors === false) return {};
  const isWord = typeof frameAncestors === "string";
  return {
    "frame-ancestors": isWord ? [`'${frameAncestors}'`] : frameAncestors,
  };
}

/** RFC 6797 §6.1; conditions of preload lists: https://hstspreload.org */
function hstsField(options: HstsOptions): string {
  checkOptions("hsts of securityHeaders()", options, {
    maxAgeSeconds: integer(0, Number.MAX_SAFE_INTEGER),
    includeSubDomains: ofType("boolean"),
    preload: ofType("boolean"),
    always: ofType("boolean"),
  });
  const { maxAgeSeconds = YEAR_SECONDS, includeSubDomains, preload } = options;
  if (preload && !(includeSubDomains && maxAgeSeconds >= YEAR_SECONDS)) {
    throw new TypeError(
      "option preload of hsts of securityHeaders() needs includeSubDomains, " +
        `and maxAgeSeconds of at least ${YEAR_SECONDS}`,
    );
  }
  const parts = [`max-age=${maxAgeSeconds}`];
  if (includeSubDomains) parts.push("includeSubDomains");
  if (preload) parts.push("preload");
  return parts.join("; ");
}
