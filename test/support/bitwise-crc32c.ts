/**
 * CRC-32C, computed bit by bit as in RFC 3720 §12.1. The server uses a table.
 */
export function bitwiseCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      crc = crc % 2n === 1n ? (crc / 2n) ^ 0x82f63b78n : crc / 2n;
    }
  }
  return Number(crc ^ 0xffffffffn);
}
