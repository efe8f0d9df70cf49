/** Runs per request that asks for it: 16 random bytes. */
import { randomBytes } from "node:crypto";
import type { HttpRequest } from "../../http/http-request.ts";

const nonces = new WeakMap<HttpRequest, string>();

/**
 * The nonce of a request, for `<script nonce="…">` and `<style nonce="…">`:
 * with it the policy of the answer lists `'nonce-…'` where `CSP_NONCE` is. Ask
 * for it before you return the response. It has 128 random bits, of letters,
 * digits, "-" and "_".
 */
export function cspNonce(request: HttpRequest): string {
  let nonce = nonces.get(request);
  if (nonce === undefined) {
    nonce = randomBytes(16).toString("base64url");
    nonces.set(request, nonce);
  }
  return nonce;
}

/** For `securityHeaders()`: the nonce that was asked for, if it was. */
export function askedNonce(request: HttpRequest): string | undefined {
  return nonces.get(request);
}
