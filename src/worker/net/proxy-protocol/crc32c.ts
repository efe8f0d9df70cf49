import { ProxyHeaderError } from "./proxy-header-error.ts";

/** The Castagnoli polynomial, lowest bit first (RFC 4960 appendix B). */
const POLYNOMIAL = 0x82f6_3b78;
const CRC32C_BYTES = 4;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (remainder & 1) === 1;
    remainder = (remainder >>> 1) ^ (isOdd ? POLYNOMIAL : 0);
  }
  return remainder;
});

/** The CRC-32C of the bytes; `zlib.crc32()` uses another polynomial. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffff_ffff;
  for (const byte of bytes) {
    const index = (remainder ^ byte) & 0xff;
    remainder = (TABLE[index] as number) ^ (remainder >>> 8);
  }
  return (remainder ^ 0xffff_ffff) >>> 0;
}

/**
 * Checks the checksum of a header, if it has one (proxy-protocol.txt §2.2.3).
 *
 * @param value a view of the block; it counts as zeros in the checksum
 * @throws ProxyHeaderError where it does not match
 */
export function verifyChecksum(block: Buffer, value: Buffer | undefined): void {
  if (!value) return;
  if (value.length !== CRC32C_BYTES) {
    throw new ProxyHeaderError("malformed", "the checksum is not 4 bytes long");
  }
  const zeroed = Buffer.from(block);
  const at = value.byteOffset - block.byteOffset;
  zeroed.fill(0, at, at + CRC32C_BYTES);
  if (crc32c(zeroed) === value.readUInt32BE()) return;
  throw new ProxyHeaderError("checksum", "the checksum does not match");
}
