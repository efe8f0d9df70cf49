/** The Castagnoli polynomial, its lowest bit first (RFC 4960 appendix B). */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (remainder & 1) === 1;
    remainder = (remainder >>> 1) ^ (isOdd ? POLYNOMIAL : 0);
  }
  return remainder;
});

/** The CRC-32C of bytes. That of zlib has another polynomial. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffff_ffff;
  for (const byte of bytes) {
    const place = (remainder ^ byte) & 0xff;
    remainder = (TABLE[place] as number) ^ (remainder >>> 8);
  }
  return (remainder ^ 0xffff_ffff) >>> 0;
}
