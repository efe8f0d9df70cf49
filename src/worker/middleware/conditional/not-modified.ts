import { discardBody } from "../../http/body/chunk-source.ts";
import { HttpHeaders } from "../../http/fields/http-headers.ts";
import { HttpResponse } from "../../http/http-response.ts";

// RFC 9110 §15.4.5: what a 304 should not repeat; Content-Location it must.
const OF_CONTENT = [
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-range",
  "accept-ranges",
];

/**
 * 304 in place of `response`, with those of its fields that a cache or the
 * client's policies need. Its body is let go.
 */
export function notModified(response: HttpResponse): HttpResponse {
  discardBody(response);
  const headers = new HttpHeaders(response.fields);
  for (const name of OF_CONTENT) headers.delete(name);
  // §15.4.5: of use only where there is no tag.
  if (headers.has("etag")) headers.delete("last-modified");
  return new HttpResponse(null, { status: 304, headers });
}
