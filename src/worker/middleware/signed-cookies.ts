/** Runs per signed cookie that is asked for or set: one HMAC for each key. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { CookieOptions } from "../http/cookies/set-cookie-field.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { checkOptions } from "./check-options.ts";

export interface SignedCookiesOptions {
  /**
   * Secrets of 32 bytes or more, texts in UTF-8. The first signs, all of them
   * verify. To change keys add the new one at the end, everywhere; once all
   * workers know it, put it in front, and drop the old one when no cookie of it
   * is left.
   */
  readonly keys: readonly (string | Uint8Array)[];
}

/** Cookies that clients can read, but neither make nor change. */
export interface SignedCookies {
  /** The value; undefined where there is none, or its signature is wrong. */
  get(request: HttpRequest, name: string): string | undefined;
  /** Sets it on the response, which it returns. @throws as `setCookie()` */
  set<Response extends HttpResponse>(
    response: Response,
    name: string,
    value: string,
    options?: CookieOptions,
  ): Response;
}

// RFC 2104 §3: as long as the hash, or longer.
const MIN_KEY_BYTES = 32;

/**
 * Cookies with an HMAC-SHA-256 behind their value, of the name too, so that no
 * cookie passes for another one. A signature has no end: what must not be good
 * for ever has a time in its value.
 *
 * No middleware: what nobody asks for is not verified.
 *
 * @throws TypeError for keys that are none or too short
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

/** A name has no "=", so two cookies never give the same text. */
function signature(key: Buffer, name: string, value: string): string {
  const hmac = createHmac("sha256", key).update(`${name}=${value}`, "utf8");
  return hmac.digest("base64url");
}

/** Texts, not what they decode to: several decode to the same. */
function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function isKey(key: unknown): boolean {
  if (typeof key === "string") return Buffer.byteLength(key) >= MIN_KEY_BYTES;
  return key instanceof Uint8Array && key.length >= MIN_KEY_BYTES;
}
