/** Runs per request with credentials. */
import type { Credentials } from "./authentication.ts";

export interface BearerCredentials {
  readonly token: string;
}

const NONE = { type: "none" } as const;
const MALFORMED = { type: "malformed" } as const;
const BEARER = /^bearer(?: |$)/i;
// b64token of RFC 6750 §2.1; RFC 9110 §11.6.2 allows several spaces before it.
const TOKEN = /^[a-z0-9\-._~+/]+=*$/i;

/**
 * Parses an Authorization field of the scheme Bearer (RFC 6750 §2.1). A token
 * in a body or query (§2.2, §2.3) is not accepted, because it ends up in logs.
 */
export function bearerCredentials(
  field: string | undefined,
): Credentials<BearerCredentials> {
  if (field === undefined || !BEARER.test(field)) return NONE;
  const token = field.slice("bearer".length).replace(/^ +/, "");
  return isBearerToken(token) ? { type: "given", token } : MALFORMED;
}

export function isBearerToken(text: unknown): text is string {
  return typeof text === "string" && TOKEN.test(text);
}
