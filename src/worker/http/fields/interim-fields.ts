import { type HeadersInit, HttpHeaders } from "./http-headers.ts";

/** Fields that say of a final response how it is framed, and what follows. */
const OF_FINAL_RESPONSES = [
  "connection",
  "content-length",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * The fields of an interim response, checked (RFC 9110 §15.2).
 *
 * @throws RangeError for a status that is none of an interim response, or 101;
 * TypeError for fields that could split it, or that only a final one has
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
  for (const name of OF_FINAL_RESPONSES) {
    if (fields.has(name)) {
      throw new TypeError(`an interim response has no ${name}`);
    }
  }
  return fields;
}
