/**
 * Placeholders for the content of a response to HEAD. The content is never
 * sent: a placeholder only tells which fields a GET would get (RFC 9110
 * §9.3.2).
 */

/** Nobody knows how long the content is: the answer says nothing of it. */
export const UNKNOWN_LENGTH_CONTENT = noPieces();

/** A GET would get it in pieces. */
export const CHUNKED_CONTENT = noPieces();

function noPieces(): AsyncIterable<string> {
  return { async *[Symbol.asyncIterator]() {} };
}
