/**
 * A loopback address unique to this test run, for tests with fixed ports. All
 * of 127.0.0.0/8 is local.
 *
 * @param last its last byte
 */
export function ownLoopbackAddress(last: number): string {
  const { pid } = process;
  return `127.${(pid >> 8) & 0xff}.${pid & 0xff}.${last}`;
}
