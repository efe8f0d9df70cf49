import { ProxyHeaderError } from "./proxy-header-error.ts";

/** A type-length-value vector: proxy-protocol.txt §2.2. */
export interface HeaderVector {
  readonly type: number;
  readonly value: Buffer;
}

/** Of the type and the length. */
const HEAD_BYTES = 3;

/**
 * The vectors that bytes consist of.
 *
 * @throws ProxyHeaderError where they do not fit exactly
 */
export function headerVectors(bytes: Buffer): HeaderVector[] {
  const vectors: HeaderVector[] = [];
  let at = 0;
  while (at < bytes.length) {
    const valueAt = at + HEAD_BYTES;
    if (valueAt > bytes.length) throw overrun();
    const end = valueAt + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) throw overrun();
    const type = bytes.readUInt8(at);
    vectors.push({ type, value: bytes.subarray(valueAt, end) });
    at = end;
  }
  return vectors;
}

function overrun(): ProxyHeaderError {
  return new ProxyHeaderError("malformed", "a vector goes past its end");
}
