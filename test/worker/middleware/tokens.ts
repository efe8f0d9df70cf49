import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import { jwt } from "../../../src/worker/middleware/authentication/jwt.ts";
import type { JwtOptions } from "../../../src/worker/middleware/authentication/jwt-options.ts";

export const ISSUER = "https://issuer.example";
export const AUDIENCE = "https://api.example";
export const SECRET = "a secret of thirty-two bytes, yes";
export const MINUTE = 60;

export const rsa = await keyPair("RS256", "rsa");
export const ec = await keyPair("ES256", "ec");
export const edwards = await keyPair("EdDSA", "ed");
export const stranger = await keyPair("RS256", "rsa");

export async function keyPair(alg: string, kid: string) {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(pair.publicKey)), kid };
  const pem = await exportSPKI(pair.publicKey);
  return { ...pair, alg, kid, jwk, pem };
}

export type Pair = Awaited<ReturnType<typeof keyPair>>;

/** Seconds since 1970, from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A token that is valid but for what is said; `undefined` leaves it out. */
export function tokenOf(
  { privateKey, alg, kid }: Pair,
  claims: Record<string, unknown> = {},
  head: object = {},
): Promise<string> {
  const all = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "ann",
    exp: inSeconds(MINUTE),
    ...claims,
  };
  return new SignJWT(JSON.parse(JSON.stringify(all)))
    .setProtectedHeader({ alg, kid, ...head })
    .sign(privateKey);
}

export function secretToken(
  claims: Record<string, unknown> = {},
  alg = "HS256",
  secret = SECRET,
) {
  return new SignJWT({ sub: "ann", exp: inSeconds(MINUTE), ...claims })
    .setProtectedHeader({ alg })
    .sign(Buffer.from(secret));
}

export function withToken(token: string): HttpRequest {
  return new HttpRequest({ headers: { Authorization: `Bearer ${token}` } });
}

/** Status, and the error that the challenge names. */
export async function verify(options: JwtOptions<unknown>, token: string) {
  const answer = await jwt(options)(withToken(token), () => ok());
  const challenge = answer.headers.get("WWW-Authenticate") ?? "";
  const [, error, why] =
    /error="(.*?)", error_description="(.*?)"/.exec(challenge) ?? [];
  return [answer.status, error, why];
}

export const VALID = [200, undefined, undefined];
export const INVALID = [401, "invalid_token", "the token is not valid"];
export const EXPIRED = [401, "invalid_token", "the token has expired"];
export const NOT_FOR_THIS = [
  401,
  "invalid_token",
  "the token is not for this, or not yet",
];
export const OTHER_AUDIENCE = [
  401,
  "invalid_token",
  "the token is for another audience",
];

export const rules = { issuer: ISSUER, audience: AUDIENCE } as const;
export const keySet = {
  jwks: { keys: [rsa.jwk, ec.jwk, edwards.jwk] },
  ...rules,
};
