/** Runs per response: two look-ups, but for the first with such fields. */
import { HttpHeaders } from "./headers.ts";

/** By the defaults, then by the fields. */
const known = new WeakMap<HttpHeaders, WeakMap<HttpHeaders, HttpHeaders>>();

/**
 * Fields with those of the names that they lack. Both must be frozen, and so
 * is what comes of them: the same as the last time.
 */
export function withDefaults(
  fields: HttpHeaders,
  defaults: HttpHeaders,
): HttpHeaders {
  let byFields = known.get(defaults);
  if (!byFields) {
    byFields = new WeakMap();
    known.set(defaults, byFields);
  }
  let both = byFields.get(fields);
  if (!both) {
    both = new HttpHeaders(fields).addMissing(defaults).freeze();
    byFields.set(fields, both);
  }
  return both;
}
