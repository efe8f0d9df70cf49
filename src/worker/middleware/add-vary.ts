import type { HttpHeaders } from "../http/fields/http-headers.ts";

/**
 * Adds a field name to `Vary` (RFC 9110 §12.5.5), unless it lists the name.
 *
 * @param name in the case to write
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
