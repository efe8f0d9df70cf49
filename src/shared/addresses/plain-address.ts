/** Runs per request whose address matters. */
import { isIPv4, isIPv6, SocketAddress } from "node:net";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/**
 * An IP address in the one form that it has here: IPv6 as RFC 5952 has it and
 * without a zone, and IPv4 also where it came as `::ffff:192.0.2.1` (RFC 4291
 * §2.5.5.2), as it does on a socket for both. Undefined for what is none.
 */
export function plainAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const zone = text.indexOf("%");
  const address = zone < 0 ? text : text.slice(0, zone);
  const plain = new SocketAddress({ address, family: "ipv6" }).address;
  return MAPPED.exec(plain)?.[1] ?? plain;
}
