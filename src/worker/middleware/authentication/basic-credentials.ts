/** Runs per request with credentials. */

export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

// RFC 9110 §11.6.2 and RFC 7617 §2; base64 as in RFC 4648 §4.
const CREDENTIALS = /^basic +([a-z0-9+/]+={0,2})$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 §2 bans them
const CONTROL = /[\x00-\x1f\x7f]/;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * What an Authorization field of the scheme Basic says (RFC 7617 §2), in
 * Unicode's form NFC (§2.1); undefined where it is none, is no UTF-8, has no
 * colon, or a control character.
 */
export function basicCredentials(
  field: string | undefined,
): BasicCredentials | undefined {
  const encoded = field && CREDENTIALS.exec(field)?.[1];
  if (!encoded) return undefined;
  const text = decoded(encoded);
  // Only the first colon divides: a password may have more.
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 0 || CONTROL.test(text)) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decoded(base64: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(base64, "base64")).normalize("NFC");
  } catch {
    return undefined;
  }
}
