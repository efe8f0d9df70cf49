import type { HttpHeaders } from "../http/fields/http-headers.ts";

/** Whether `Cache-Control` has the directive (RFC 9111 §5.2). */
export function hasDirective(
  headers: HttpHeaders | undefined,
  directive: string,
): boolean {
  const value = headers?.get("cache-control");
  if (value === undefined) return false;
  return value
    .split(",")
    .some((each) => each.trim().toLowerCase() === directive);
}
