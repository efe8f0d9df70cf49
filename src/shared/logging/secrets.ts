/**
 * Keeps secrets out of log lines: the values of fields whose names say that
 * they are secret, and the credentials in URLs. Runs per logged error, request
 * and list of headers.
 */

export const REDACTED = "[redacted]";

/** Any part of a name, as in `Set-Cookie`, `X-Api-Key` or `clientSecret`. */
const SECRET_NAME =
  /authorization|cookie|token|secret|passw|passphrase|api[-_]?key|private[-_]?key|jwt|credential|session[-_]?id/i;

/** The user information of a URL, to the last "@" of its authority. */
const USER_INFO = /:\/\/[^\s/?#"'<>]*@/g;

/** Whether a value with this name is not logged. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** A text in which URLs have no user name and no password. */
export function withoutCredentials(text: string): string {
  if (!text.includes("@")) return text; // the usual case, without the regex
  return text.replaceAll(USER_INFO, "://***@");
}

/** For `JSON.stringify()`: hides texts by their names, and credentials. */
export function hideSecrets(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  return isSecretName(name) ? REDACTED : withoutCredentials(value);
}
