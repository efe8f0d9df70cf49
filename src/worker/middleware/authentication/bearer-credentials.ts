/** Runs per request with credentials. */

export type BearerCredentials =
  /** No credentials, or those of another scheme. */
  | { readonly type: "none" }
  | { readonly type: "malformed" }
  | { readonly type: "token"; readonly token: string };

const NONE: BearerCredentials = { type: "none" };
const MALFORMED: BearerCredentials = { type: "malformed" };
const SCHEME = /^bearer(?: |$)/i;
// b64token of RFC 6750 §2.1; RFC 9110 §11.6.2 has several spaces before it.
const TOKEN = /^[a-z0-9\-._~+/]+=*$/i;

/**
 * What an Authorization field of the scheme Bearer says (RFC 6750 §2.1). Tokens
 * in a body or in a query (§2.2, §2.3) are not looked for: they end in logs.
 */
export function bearerCredentials(
  field: string | undefined,
): BearerCredentials {
  if (field === undefined || !SCHEME.test(field)) return NONE;
  const token = field.slice("bearer".length).replace(/^ +/, "");
  return isBearerToken(token) ? { type: "token", token } : MALFORMED;
}

export function isBearerToken(text: unknown): text is string {
  return typeof text === "string" && TOKEN.test(text);
}
