/**
 * Which session a request names: in a cookie, a field or the query.
 *
 * Runs per request of a listener with sticky sessions.
 */
import type { StickyField } from "../../shared/config/sticky-field.ts";
import { MAX_SESSION_CHARS } from "../../shared/recent-sessions.ts";
import { parseCookies } from "../http/cookies/parse-cookies.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";

interface Named {
  readonly target: string;
  readonly headers: Pick<HttpHeaders, "get">;
}

/** Undefined if it names none, or one that is too long. */
export function sessionOf(
  { target, headers }: Named,
  { part, name }: StickyField,
): string | undefined {
  switch (part) {
    case "cookie": {
      const field = headers.get("Cookie");
      return field && checked(parseCookies(field)[name]);
    }
    case "header":
      return checked(headers.get(name));
    case "query":
      return checked(parameterOf(target, name));
    default:
      return part satisfies never;
  }
}

function checked(value: string | null | undefined): string | undefined {
  if (!value || value.length > MAX_SESSION_CHARS) return undefined;
  return value;
}

function parameterOf(target: string, name: string): string | null {
  const start = target.indexOf("?");
  if (start < 0 || !target.includes(name, start)) return null;
  return new URLSearchParams(target.slice(start)).get(name);
}
