/** Runs per signed cookie read or set: one HMAC per key. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { checkOptions } from "../../shared/check-options.ts";
import type { CookieOptions } from "../http/cookies/set-cookie-field.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";

export interface SignedCookiesOptions {
  /**
   * Secrets of 32 bytes or more; a text is UTF-8. The first one signs, all
   * verify. To rotate: append the new key on all servers, then move it to the
   * front, and remove the old key when its last cookie has expired.
   */
  readonly keys: readonly (string | Uint8Array)[];
}

/** Cookies that clients can read but not forge. */
export interface SignedCookies {
  /** The value; undefined without the cookie or for a wrong signature. */
  get(request: HttpRequest, name: string): string | undefined;
  /** Sets the cookie and returns the response. @throws like `setCookie()` */
  set<Response extends HttpResponse>(
    response: Response,
    name: string,
    value: string,
    options?: CookieOptions,
  ): Response;
}

// RFC 2104 §3: at least the length of the hash.
const MIN_KEY_BYTES = 32;

/**
 * Cookies with an HMAC-SHA-256 of name and value appended to the value, so one
 * cookie cannot replace another. A signature does not expire: put an expiry
 * time into the value if it matters.
 *
 * This is not middleware: only cookies that are read are verified.
 *
 * @throws TypeError for missing, invalid or short keys
 */
export function signedCookies(options: SignedCookiesOptions): SignedCookies {
  checkOptions("signedCookies()", options, {
    keys: {
      isValid: (value) => Array.isArray(value) && value.every(isKey),
      valid: `a list of secrets, ${MIN_KEY_BYTES} bytes or more each`,
    },
  });
  const [signing, ...older] = [...(options.keys ?? [])].map((key) => {
    return Buffer.from(key as string);
  });
  if (signing === undefined) {
    throw new TypeError("signedCookies() needs a key in the option keys");
  }
  const keys = [signing, ...older];
  return {
    get(request, name) {
      const signed = request.cookies[name];
      const dot = signed?.lastIndexOf(".") ?? -1;
      if (signed === undefined || dot < 0) return undefined;
      const value = signed.slice(0, dot);
      const given = Buffer.from(signed.slice(dot + 1));
      const isValid = keys.some((key) => {
        return isSame(given, Buffer.from(signature(key, name, value)));
      });
      return isValid ? value : undefined;
    },
    set(response, name, value, cookieOptions) {
      const signed = `${value}.${signature(signing, name, value)}`;
      return response.setCookie(name, signed, cookieOptions);
    },
  };
}

/** A name contains no "=", so the signed text is unambiguous. */
function signature(key: Buffer, name: string, value: string): string {
  const hmac = createHmac("sha256", key).update(`${name}=${value}`, "utf8");
  return hmac.digest("base64url");
}

/** Compares encoded signatures: several texts decode to the same bytes. */
function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function isKey(key: unknown): boolean {
  if (typeof key === "string") return Buffer.byteLength(key) >= MIN_KEY_BYTES;
  return key instanceof Uint8Array && key.length >= MIN_KEY_BYTES;
}
