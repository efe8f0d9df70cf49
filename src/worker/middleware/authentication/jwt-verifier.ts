/** Runs per request with a token: one signature is verified. */
import type { JWTVerifyOptions, JWTVerifyResult } from "jose";
import { HttpError } from "../../http/http-error.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { once } from "../once.ts";
import { type JwtKeys, jwtKeys } from "./jwt-keys.ts";
import type { JwtClaims, JwtOptions } from "./jwt-options.ts";

export type JwtVerdict =
  | { readonly type: "valid"; readonly claims: JwtClaims }
  /** ASCII without quotes, for the client. */
  | { readonly type: "invalid"; readonly why: string };

// Not before it is needed: an app without tokens does not pay for it.
const jose = once(() => import("jose"));

const NOT_VALID = "the token is not valid";

/** What jose says of a token; all else is no fault of who has sent it. */
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
 * Verifies tokens (RFC 7519 §7.2) as RFC 8725 advises.
 *
 * @throws TypeError for keys or algorithms that are none; verifying rejects with
 * an HttpError 503 where there are no keys to be had
 */
export function jwtVerifier<Claims>(
  options: JwtOptions<Claims>,
): (token: string) => Promise<JwtVerdict> {
  const keys = jwtKeys(options);
  const rules = rulesOf(options, keys);
  return async (token) => {
    try {
      const { payload } = await verified(token, keys, rules);
      // RFC 7519 §4.1.3: who is not in "aud" must refuse the token.
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
    // A token that does not name its key: it may be any of them.
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
