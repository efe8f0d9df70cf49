import type { KeyObject } from "node:crypto";
import { MAX_TIMER_MS } from "../../../shared/max-timer-ms.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { checkOptions, integer, ofType } from "../check-options.ts";
import { isQuotable } from "../quoted-string.ts";
import type { Refused } from "./authentication.ts";
import {
  areJwtAlgorithms,
  JWT_ALGORITHMS,
  type JwtAlgorithm,
} from "./jwt-algorithms.ts";

/** The claims of a token (RFC 7519 §4.1), and whatever else it has. */
export interface JwtClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  /** In seconds since 1970, as the others. */
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
  readonly [claim: string]: unknown;
}

/** What `jwt()` takes; exactly one of the first four says where keys are. */
export interface JwtOptions<Claims = JwtClaims> {
  /**
   * Where the issuer publishes its keys (RFC 7517 §5): https, or http on this
   * machine. With it an `issuer` must be given.
   */
  readonly jwksUrl?: string | URL;
  /** The public keys themselves. */
  readonly jwks?: { readonly keys: readonly object[] };
  /** One public key: PEM (SPKI or a certificate), or a `KeyObject`. */
  readonly publicKey?: string | Uint8Array | KeyObject;
  /** Shared with who makes tokens: 32 bytes or more, a text in UTF-8. */
  readonly secret?: string | Uint8Array;
  /**
   * The only ones that are accepted, whatever a token says (RFC 8725 §3.1).
   * Default: HS256 with a secret; else those of RS256, PS256, ES256 and EdDSA
   * that go with the keys.
   */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** Who may have made the token: `iss`. Default: anybody with the key. */
  readonly issuer?: string | readonly string[];
  /**
   * Who this server is: one of them must be in `aud`. Default: a token with
   * `aud` is for somebody else (RFC 7519 §4.1.3).
   */
  readonly audience?: string | readonly string[];
  /** How far clocks may differ. Default: 5,000. */
  readonly clockToleranceMs?: number;
  /** How long ago `iat` may be at most. Default: any time. */
  readonly maxAgeMs?: number;
  /** Claims that must be there. Default: `["exp"]`. */
  readonly requiredClaims?: readonly string[];
  /** Those that `scope` must have (RFC 8693 §4.2), else 403. Default: none. */
  readonly requiredScopes?: readonly string[];
  /** The type that the head must name (RFC 8725 §3.11), as "at+jwt". */
  readonly typ?: string;
  /** How long keys of a URL are good for. Default: 600,000. */
  readonly jwksCacheMs?: number;
  /** How long to wait before asking again for an unknown key. Default: 30,000. */
  readonly jwksCooldownMs?: number;
  /** How long asking may take. Default: 5,000. */
  readonly jwksTimeoutMs?: number;
  /** Default: "Restricted". */
  readonly realm?: string;
  /**
   * Looks at claims that are valid, and gives what handlers get of them, or
   * what is falsy to refuse.
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

/** @throws TypeError that says what is wrong, and what would be right */
export function checkJwtOptions<Claims>(options: JwtOptions<Claims>): void {
  checkOptions("jwt()", options, {
    // Checked where they become keys.
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
    realm: {
      isValid: isQuotable,
      valid: "a text of Latin-1 without control characters",
    },
    verify: ofType("function"),
  });
  if (options.jwksUrl !== undefined && options.issuer === undefined) {
    // One URL may have the keys of many issuers, as of all tenants.
    throw new TypeError("jwt() with jwksUrl needs the issuer (RFC 8725 §3.8)");
  }
}

function isFilledText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isScope(value: unknown): boolean {
  return typeof value === "string" && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value);
}
