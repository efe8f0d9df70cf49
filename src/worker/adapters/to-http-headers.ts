/** Runs per response. */
import { HttpHeaders } from "../http/fields/http-headers.ts";

/** The fields of a `Response`. */
export function toHttpHeaders(given: Headers): HttpHeaders {
  const headers = new HttpHeaders();
  let hasCookies = false;
  given.forEach((value, name) => {
    if (name === "set-cookie") hasCookies = true;
    else headers.append(name, value);
  });
  // RFC 6265 §3: Set-Cookie lines must not be joined.
  if (!hasCookies) return headers;
  for (const cookie of given.getSetCookie()) {
    headers.append("Set-Cookie", cookie);
  }
  return headers;
}
