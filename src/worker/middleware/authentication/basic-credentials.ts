/** Runs per request with credentials. */
import type { Credentials } from "./authentication.ts";

export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

const NONE = { type: "none" } as const;
const MALFORMED = { type: "malformed" } as const;
// RFC 9110 §11.6.2 and RFC 7617 §2; base64 as in RFC 4648 §4.
const BASIC = /^basic +([a-z0-9+/]+={0,2})$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 §2 bans them
const CONTROL = /[\x00-\x1f\x7f]/;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses an Authorization field of the scheme Basic (RFC 7617 §2). Name and
 * password are in Unicode's form NFC (§2.1). Credentials without a colon, with
 * a control character or that are not UTF-8 are malformed.
 */
export function basicCredentials(
  field: string | undefined,
): Credentials<BasicCredentials> {
  const encoded = field && BASIC.exec(field)?.[1];
  if (!encoded) return NONE;
  const text = decoded(encoded);
  // The first colon ends the name; a password may contain more.
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 0 || CONTROL.test(text)) return MALFORMED;
  const name = text.slice(0, colon);
  return { type: "given", name, password: text.slice(colon + 1) };
}

function decoded(base64: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(base64, "base64")).normalize("NFC");
  } catch {
    return undefined;
  }
}
