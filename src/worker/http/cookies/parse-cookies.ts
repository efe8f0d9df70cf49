/** Runs per request whose handler asks for cookies: one object. */
import { trimBlanks } from "../fields/trim-blanks.ts";

/** Values by name; the object has no prototype, so any name is safe. */
export type Cookies = Readonly<Record<string, string | undefined>>;

export const NO_COOKIES: Cookies = Object.freeze({
  __proto__: null,
} as unknown as Cookies);

/**
 * The cookies of a Cookie field (RFC 6265 §4.2.1).
 *
 * Of several with one name the first counts: clients send the one with the
 * longest path first (§5.4). A pair without "=" or without a name is no cookie.
 * Values lose the quotes around them (§4.1.1) and are percent-decoded, as
 * `setCookie()` encodes them; one that does not decode stays as it is.
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
 * Blanks alone, as clients see them: U+00A0 is a part of a name, and where it
 * fell away, a name would pass for "__Host-id" that has no right to it.
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
