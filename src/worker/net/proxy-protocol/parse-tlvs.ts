import { ProxyHeaderError } from "./proxy-header-error.ts";

/** A type-length-value vector: proxy-protocol.txt §2.2. */
export interface Tlv {
  readonly type: number;
  readonly value: Buffer;
}

/** One byte of type and two of length. */
const HEAD_BYTES = 3;

/** @throws ProxyHeaderError where the vectors do not fill the bytes exactly */
export function parseTlvs(bytes: Buffer): Tlv[] {
  const tlvs: Tlv[] = [];
  let at = 0;
  while (at < bytes.length) {
    const valueAt = at + HEAD_BYTES;
    if (valueAt > bytes.length) throw overrun();
    const end = valueAt + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) throw overrun();
    const type = bytes.readUInt8(at);
    tlvs.push({ type, value: bytes.subarray(valueAt, end) });
    at = end;
  }
  return tlvs;
}

function overrun(): ProxyHeaderError {
  return new ProxyHeaderError("malformed", "a vector exceeds the header");
}
