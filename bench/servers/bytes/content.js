/** What all servers of the scenarios with large bodies send. */
export const KIB_64 = Buffer.alloc(64 << 10, "remuda, 16 bytes");
export const MIB_10 = Buffer.alloc(10 << 20, "remuda, 16 bytes");

/** As a file would be read, without a disk. */
export function* pieces(content) {
  for (let at = 0; at < content.length; at += KIB_64.length) {
    yield content.subarray(at, at + KIB_64.length);
  }
}
