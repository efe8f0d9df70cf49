import type { KeyObject } from "node:crypto";
import {
  checkOptions,
  integer,
  ofType,
} from "../../../shared/check-options.ts";
import { MAX_TIMER_MS } from "../../../shared/max-timer-ms.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { quotable } from "../quoted-string.ts";
import type { Refused } from "./authentication.ts";
import {
  areJwtAlgorithms,
  JWT_ALGORITHMS,
  type JwtAlgorithm,
} from "./jwt-algorithms.ts";

/** Registered claims of a token (RFC 7519 §4.1), and any others. */
export interface JwtClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  /** In seconds since 1970, like `nbf` and `iat`. */
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
  readonly [claim: string]: unknown;
}

/** Exactly one of the first four options gives the keys. */
export interface JwtOptions<Claims = JwtClaims> {
  /**
   * URL of the issuer's key set (RFC 7517 §5): https, or http on this machine.
   * Requires `issuer`.
   */
  readonly jwksUrl?: string | URL;
  /** A set of public keys. */
  readonly jwks?: { readonly keys: readonly object[] };
  /** One public key: PEM (SPKI or a certificate), or a `KeyObject`. */
  readonly publicKey?: string | Uint8Array | KeyObject;
  /** Secret shared with the issuer: 32 bytes or more; a text is UTF-8. */
  readonly secret?: string | Uint8Array;
  /**
   * Accepted algorithms, whatever a token names (RFC 8725 §3.1). Default:
   * HS256 with a secret; otherwise those of RS256, PS256, ES256 and EdDSA that
   * fit the keys.
   */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** Accepted values of `iss`. Default: any. */
  readonly issuer?: string | readonly string[];
  /**
   * Names of this server, one of which `aud` must contain. Default: a token
   * with `aud` is refused (RFC 7519 §4.1.3).
   */
  readonly audience?: string | readonly string[];
  /** Accepted difference between clocks. Default: 5,000. */
  readonly clockToleranceMs?: number;
  /** Maximum age by `iat`. Default: unlimited. */
  readonly maxAgeMs?: number;
  /** Claims that a token must contain. Default: `["exp"]`. */
  readonly requiredClaims?: readonly string[];
  /** Scopes that a token must grant (RFC 8693 §4.2), or 403. Default: none. */
  readonly requiredScopes?: readonly string[];
  /** Required `typ` of the header (RFC 8725 §3.11), such as "at+jwt". */
  readonly typ?: string;
  /** How long a fetched key set is cached. Default: 600,000. */
  readonly jwksCacheMs?: number;
  /** Minimum time between fetches for unknown keys. Default: 30,000. */
  readonly jwksCooldownMs?: number;
  /** Time-out of a fetch. Default: 5,000. */
  readonly jwksTimeoutMs?: number;
  /** Realm of the challenge, Latin-1. Default: "Restricted". */
  readonly realm?: string;
  /**
   * Receives valid claims, and returns the value for handlers, or a falsy
   * value to refuse.
   */
  readonly verify?: (
    claims: JwtClaims,
    request: HttpRequest,
  ) => Claims | Refused | Promise<Claims | Refused>;
}

const texts = {
  isValid: (value: unknown) =>
    isFilledText(value) ||
    (Array.isArray(value) && value.length > 0 && value.every(isFilledText)),
  valid: "a text that is not empty, or a list of such",
};
const milliseconds = integer(0, MAX_TIMER_MS);
const anything = { isValid: () => true, valid: "" };

/** @throws TypeError for unknown, invalid or unsafe options */
export function checkJwtOptions<Claims>(options: JwtOptions<Claims>): void {
  checkOptions("jwt()", options, {
    // `jwtKeys()` checks these four.
    jwksUrl: anything,
    jwks: anything,
    publicKey: anything,
    secret: anything,
    algorithms: { isValid: areJwtAlgorithms, valid: JWT_ALGORITHMS },
    issuer: texts,
    audience: texts,
    clockToleranceMs: milliseconds,
    maxAgeMs: integer(1, Number.MAX_SAFE_INTEGER),
    requiredClaims: {
      isValid: (value) => Array.isArray(value) && value.every(isFilledText),
      valid: "a list of names of claims",
    },
    requiredScopes: {
      isValid: (value) => Array.isArray(value) && value.every(isScope),
      valid: "a list of scopes (RFC 6749 §3.3)",
    },
    typ: { isValid: isFilledText, valid: "a text that is not empty" },
    jwksCacheMs: milliseconds,
    jwksCooldownMs: milliseconds,
    jwksTimeoutMs: integer(1, MAX_TIMER_MS),
    realm: quotable,
    verify: ofType("function"),
  });
  if (options.jwksUrl !== undefined && options.issuer === undefined) {
    // One URL may serve the keys of many issuers, such as all tenants.
    throw new TypeError("jwt() with jwksUrl needs the issuer (RFC 8725 §3.8)");
  }
}

function isFilledText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isScope(value: unknown): boolean {
  return typeof value === "string" && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value);
}
