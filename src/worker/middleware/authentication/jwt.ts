/** Runs per request: a thread verifies one signature. */
import { type ContextKey, contextKey } from "../../http/context-key.ts";
import type { Middleware } from "../../http/handler.ts";
import { authenticate } from "./authentication.ts";
import { bearerCredentials } from "./bearer-credentials.ts";
import { bearerChallenges } from "./challenges.ts";
import {
  checkJwtOptions,
  type JwtClaims,
  type JwtOptions,
} from "./jwt-options.ts";
import { jwtVerifier } from "./jwt-verifier.ts";

/** Middleware that admits requests with a valid token. */
export interface JwtAuthentication<Claims> extends Middleware {
  /** For handlers: `request.context.need(auth.claims)`. */
  readonly claims: ContextKey<Claims>;
}

/**
 * Admits requests with a valid JSON Web Token (RFC 7519) in `Authorization:
 * Bearer`: signed with one of the keys and algorithms, not expired, from the
 * issuer and for the audience. Other requests get the challenges of RFC 6750
 * §3: 401, 400 for a malformed token, 403 if the token lacks a scope. The
 * response is 503 while the keys are not available.
 *
 * Handlers get the claims with `request.context.need(auth.claims)`: the result
 * of `verify`, or all claims of the token.
 *
 * @throws TypeError for unknown, invalid, missing or unsafe options
 */
export function jwt<Claims = JwtClaims>(
  options: JwtOptions<Claims>,
): JwtAuthentication<Claims> {
  checkJwtOptions(options);
  const { realm = "Restricted", requiredScopes = [], verify } = options;
  const verifyToken = jwtVerifier(options);
  const challenges = bearerChallenges(realm);
  const claims = contextKey<Claims>("claims");
  const middleware = authenticate(claims, {
    challenges,
    read: bearerCredentials,
    verify: async ({ token }, request) => {
      const result = await verifyToken(token);
      if (result.type === "invalid") return challenges.invalid(result.why);
      if (!hasScopes(result.claims, requiredScopes)) {
        return challenges.insufficient(requiredScopes);
      }
      return verify
        ? verify(result.claims, request)
        : (result.claims as Claims);
    },
  });
  return Object.assign(middleware, { claims });
}

/** RFC 8693 §4.2: the claim is one text, separated by spaces. */
function hasScopes({ scope }: JwtClaims, required: readonly string[]): boolean {
  if (required.length === 0) return true;
  const granted = typeof scope === "string" ? scope.split(" ") : [];
  return required.every((one) => granted.includes(one));
}
