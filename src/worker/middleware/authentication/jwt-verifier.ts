/** Runs per request with a token: one signature is verified. */
import type { JWTVerifyOptions, JWTVerifyResult } from "jose";
import { HttpError } from "../../http/http-error.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { type JwtKeys, jwtKeys } from "./jwt-keys.ts";
import type { JwtClaims, JwtOptions } from "./jwt-options.ts";
import { once } from "./once.ts";

export type TokenResult =
  | { readonly type: "valid"; readonly claims: JwtClaims }
  /** `why` is ASCII without quotes, for the client. */
  | { readonly type: "invalid"; readonly why: string };

// Loaded with the first token: apps without tokens do not pay for it.
const jose = once(() => import("jose"));

const NOT_VALID = "the token is not valid";

/** jose's errors about a token. Any other error is not the client's fault. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["ERR_JWT_EXPIRED", "the token has expired"],
  ["ERR_JWT_CLAIM_VALIDATION_FAILED", "the token is not for this, or not yet"],
  ["ERR_JWT_INVALID", NOT_VALID],
  ["ERR_JWS_INVALID", NOT_VALID],
  ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED", NOT_VALID],
  ["ERR_JOSE_ALG_NOT_ALLOWED", NOT_VALID],
  ["ERR_JOSE_NOT_SUPPORTED", NOT_VALID],
  ["ERR_JWKS_NO_MATCHING_KEY", NOT_VALID],
  ["ERR_JWKS_MULTIPLE_MATCHING_KEYS", NOT_VALID],
]);

/**
 * Returns a function that verifies tokens (RFC 7519 §7.2) as RFC 8725 advises.
 * It rejects with an HttpError 503 while the keys are not available.
 *
 * @throws TypeError for invalid keys or algorithms
 */
export function jwtVerifier<Claims>(
  options: JwtOptions<Claims>,
): (token: string) => Promise<TokenResult> {
  const keys = jwtKeys(options);
  const rules = rulesOf(options, keys);
  return async (token) => {
    try {
      const { payload } = await verified(token, keys, rules);
      // RFC 7519 §4.1.3: a server that "aud" does not name refuses the token.
      if (payload.aud !== undefined && options.audience === undefined) {
        return { type: "invalid", why: "the token is for another audience" };
      }
      return { type: "valid", claims: payload };
    } catch (cause) {
      const why = REASONS.get((cause as { code?: string }).code ?? "");
      if (why !== undefined) return { type: "invalid", why };
      const detail = "the keys to verify tokens with are not there now";
      throw new HttpError(HttpStatus.ServiceUnavailable, detail, { cause });
    }
  };
}

async function verified(
  token: string,
  keys: JwtKeys,
  rules: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  const { jwtVerify, errors } = await jose();
  try {
    return await jwtVerify(token, await keys.find(), rules);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // The token does not name its key: try all keys that fit.
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, rules);
      } catch (failure) {
        if (failure instanceof errors.JWSSignatureVerificationFailed) continue;
        throw failure;
      }
    }
    throw error;
  }
}

function rulesOf<Claims>(
  options: JwtOptions<Claims>,
  { algorithms }: JwtKeys,
): JWTVerifyOptions {
  const { issuer, audience, maxAgeMs, typ } = options;
  const { requiredClaims = ["exp"], clockToleranceMs = 5_000 } = options;
  return {
    algorithms: [...algorithms],
    requiredClaims: [...requiredClaims],
    clockTolerance: clockToleranceMs / 1000,
    ...(issuer !== undefined && { issuer: listed(issuer) }),
    ...(audience !== undefined && { audience: listed(audience) }),
    ...(maxAgeMs !== undefined && { maxTokenAge: maxAgeMs / 1000 }),
    ...(typ !== undefined && { typ }),
  };
}

function listed(value: string | readonly string[]): string[] {
  return typeof value === "string" ? [value] : [...value];
}
