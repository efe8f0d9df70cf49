/** Runs per line of the access log: one look-up per field. */
import { isSecretName, REDACTED } from "../../../shared/logging/secrets.ts";
import type { HttpRequest } from "../../http/http-request.ts";

type HeadersOf = (request: HttpRequest) => Record<string, string> | undefined;

/**
 * Returns a function that picks the named fields of a request, with names in
 * lower case.
 *
 * @param redacted additional names whose values are not logged
 */
export function loggedHeaders(
  names: readonly string[],
  redacted: readonly string[],
): HeadersOf {
  if (names.length === 0) return () => undefined;
  const secret = redacted.map((name) => name.toLowerCase());
  const fields = names.map((name) => {
    const lower = name.toLowerCase();
    const isSecret = isSecretName(lower) || secret.includes(lower);
    return { name: lower, isSecret };
  });
  return ({ headers }) => {
    const logged: Record<string, string> = {};
    for (const { name, isSecret } of fields) {
      const value = headers.get(name);
      if (value !== undefined) logged[name] = isSecret ? REDACTED : value;
    }
    return logged;
  };
}
