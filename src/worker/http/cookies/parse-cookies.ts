/** Runs per request whose cookies are used: one object. */
import { trimBlanks } from "../fields/trim-blanks.ts";

/** Values by name; the object has no prototype, so any name is safe. */
export type Cookies = Readonly<Record<string, string | undefined>>;

export const NO_COOKIES: Cookies = Object.freeze({
  __proto__: null,
} as unknown as Cookies);

/**
 * Parses a Cookie field (RFC 6265 §4.2.1).
 *
 * The first of several cookies with one name counts: clients send the one with
 * the longest path first (§5.4). Pairs without "=" or a name are ignored.
 * Values are unquoted (§4.1.1) and percent-decoded, because `setCookie()`
 * encodes them; a value that does not decode is returned unchanged.
 */
export function parseCookies(field: string): Cookies {
  const cookies: Record<string, string> = Object.create(null);
  for (const pair of field.split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = withoutBlanks(pair.slice(0, equals));
    if (name === "" || name in cookies) continue;
    cookies[name] = decoded(withoutBlanks(pair.slice(equals + 1)));
  }
  return Object.freeze(cookies);
}

/**
 * Removes SP and TAB only, as clients do. If U+00A0 were removed, a cookie
 * named "\u00a0__Host-id" would pass for "__Host-id".
 */
function withoutBlanks(text: string): string {
  return trimBlanks(text, 0, text.length);
}

function decoded(value: string): string {
  const isQuoted =
    value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const text = isQuoted ? value.slice(1, -1) : value;
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
