/** Runs per request with a nonce: 16 random bytes. */
import { randomBytes } from "node:crypto";
import type { HttpRequest } from "../../http/http-request.ts";

const nonces = new WeakMap<HttpRequest, string>();

/**
 * Returns the nonce of a request, for `<script nonce="…">` and `<style
 * nonce="…">`. The policy of the response then contains `'nonce-…'` in place of
 * `CSP_NONCE`. Call it before you return the response. A nonce has 128 random
 * bits, in letters, digits, "-" and "_".
 */
export function cspNonce(request: HttpRequest): string {
  let nonce = nonces.get(request);
  if (nonce === undefined) {
    nonce = randomBytes(16).toString("base64url");
    nonces.set(request, nonce);
  }
  return nonce;
}

/** The nonce of a request, if `cspNonce()` was called for it. */
export function existingNonce(request: HttpRequest): string | undefined {
  return nonces.get(request);
}
