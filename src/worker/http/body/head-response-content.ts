/**
 * Placeholders for the content of a response to HEAD. They are never sent, but
 * determine the framing fields that a GET would get (RFC 9110 §9.3.2).
 */

/** Response to HEAD whose length is unknown. */
export const UNKNOWN_LENGTH_CONTENT = emptyStream();

/** Response to HEAD where a GET would be chunked. */
export const CHUNKED_CONTENT = emptyStream();

function emptyStream(): AsyncIterable<string> {
  return { async *[Symbol.asyncIterator]() {} };
}
