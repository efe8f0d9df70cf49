/** Runs per request: a signature is verified, by threads, so never at once. */
import { type ContextKey, contextKey } from "../../http/context-key.ts";
import type { Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import type { HttpResponse } from "../../http/http-response.ts";
import { isRefused } from "./authentication.ts";
import { bearerCredentials } from "./bearer-credentials.ts";
import { bearerRefusals } from "./bearer-refusals.ts";
import {
  checkJwtOptions,
  type JwtClaims,
  type JwtOptions,
} from "./jwt-options.ts";
import { jwtVerifier } from "./jwt-verifier.ts";

/** Middleware that lets requests through whose token is valid. */
export interface JwtAuthentication<Claims> extends Middleware {
  /** For handlers: `request.context.need(auth.claims)`. */
  readonly claims: ContextKey<Claims>;
}

/**
 * Lets requests through that have a JSON Web Token (RFC 7519) in
 * `Authorization: Bearer`: signed with one of the algorithms by one of the
 * keys, not expired, by the issuer and for the audience. Others get the
 * challenges of RFC 6750 §3: 401, 400 for what is no token, 403 where the token
 * lacks a scope. 503 where the keys cannot be had.
 *
 * Handlers get the claims by `request.context.need(auth.claims)`: what `verify`
 * gives, by its type, or else all of them.
 *
 * @throws TypeError for options that are none, missing, or not safe together
 */
export function jwt<Claims = JwtClaims>(
  options: JwtOptions<Claims>,
): JwtAuthentication<Claims> {
  checkJwtOptions(options);
  const { realm = "Restricted", requiredScopes = [], verify } = options;
  const verifyToken = jwtVerifier(options);
  const refuse = bearerRefusals(realm);
  const claims = contextKey<Claims>("claims");

  /** Gives the refusal; undefined once the claims are in the context. */
  const refusal = async (
    token: string,
    request: HttpRequest,
  ): Promise<HttpResponse | undefined> => {
    const verdict = await verifyToken(token);
    if (verdict.type === "invalid") return refuse.invalid(verdict.why);
    if (!hasScopes(verdict.claims, requiredScopes)) {
      return refuse.insufficient(requiredScopes);
    }
    const found = verify
      ? await verify(verdict.claims, request)
      : (verdict.claims as Claims);
    if (isRefused(found)) return refuse.invalid("the token is not valid");
    request.context.set(claims, found);
    return undefined;
  };

  const middleware: Middleware = (request, next) => {
    const field = request.headers.get("authorization");
    const credentials = bearerCredentials(field);
    if (credentials.type === "none") return refuse.missing();
    if (credentials.type === "malformed") return refuse.malformed();
    return refusal(credentials.token, request).then(
      (refused) => refused ?? next(request),
    );
  };
  return Object.assign(middleware, { claims });
}

/** RFC 8693 §4.2: one text with spaces between them. */
function hasScopes({ scope }: JwtClaims, required: readonly string[]): boolean {
  if (required.length === 0) return true;
  const granted = typeof scope === "string" ? scope.split(" ") : [];
  return required.every((one) => granted.includes(one));
}
