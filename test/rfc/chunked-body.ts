import { requestOf } from "../worker/http1/test-connection.ts";

/** What ends a chunked body that has no trailers. */
export const END = "0\r\n\r\n";

/** A request with a body in these chunks. */
export function chunked(body: string): string {
  return requestOf("POST /", ["Transfer-Encoding: chunked"]) + body;
}
