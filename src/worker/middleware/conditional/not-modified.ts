import { discardBody } from "../../http/body/chunk-source.ts";
import { HttpHeaders } from "../../http/fields/http-headers.ts";
import { HttpResponse } from "../../http/http-response.ts";

// RFC 9110 §15.4.5: a 304 omits these, but keeps Content-Location.
const CONTENT_FIELDS = [
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-range",
  "accept-ranges",
];

/**
 * Replaces `response` by a 304 with the fields that caches and client policies
 * need, and discards its body.
 */
export function notModified(response: HttpResponse): HttpResponse {
  discardBody(response);
  const headers = new HttpHeaders(response.fields);
  for (const name of CONTENT_FIELDS) headers.delete(name);
  // §15.4.5: useful only without a tag.
  if (headers.has("etag")) headers.delete("last-modified");
  return new HttpResponse(null, { status: 304, headers });
}
