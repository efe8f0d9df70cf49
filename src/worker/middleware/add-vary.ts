import type { HttpHeaders } from "../http/fields/http-headers.ts";

/**
 * Says that the answer depends on a field of the request too (RFC 9110
 * §12.5.5), unless that has been said.
 *
 * @param name as it is to be written
 */
export function addVary(headers: HttpHeaders, name: string): void {
  const value = headers.get("vary");
  if (!value) {
    headers.set("Vary", name);
    return;
  }
  const wanted = name.toLowerCase();
  const names = value.split(",").map((each) => each.trim().toLowerCase());
  if (names.includes("*") || names.includes(wanted)) return;
  headers.set("Vary", `${value}, ${name}`);
}
