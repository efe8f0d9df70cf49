import { type HeadersInit, HttpHeaders } from "./http-headers.ts";

/** Fields for framing and connection control of final responses only. */
const FINAL_RESPONSE_ONLY = [
  "connection",
  "content-length",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Validates the fields of an interim response (RFC 9110 §15.2).
 *
 * @throws RangeError for 101, or a status that is not 1xx; TypeError for fields
 * that could split the response, or that only a final response has
 */
export function interimFields(
  status: number,
  init: HttpHeaders | HeadersInit | undefined,
): HttpHeaders {
  if (!Number.isInteger(status) || status < 100 || status > 199) {
    throw new RangeError(`an interim response's status is 1xx, not ${status}`);
  }
  if (status === 101) throw new RangeError("101 is what an upgrade sends");
  const fields = new HttpHeaders(init);
  for (const name of FINAL_RESPONSE_ONLY) {
    if (fields.has(name)) {
      throw new TypeError(`an interim response has no ${name}`);
    }
  }
  return fields;
}
