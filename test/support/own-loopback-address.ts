/**
 * A loopback address that no other run of the tests has: for ports that cannot
 * be any. All of 127.0.0.0/8 is this machine.
 *
 * @param last its last byte
 */
export function ownLoopbackAddress(last: number): string {
  const { pid } = process;
  return `127.${(pid >> 8) & 0xff}.${pid & 0xff}.${last}`;
}
