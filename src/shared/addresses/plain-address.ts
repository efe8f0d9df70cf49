/** Runs per request that needs the client address. */
import { isIPv4, isIPv6, SocketAddress } from "node:net";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/**
 * Returns the canonical form of an IP address: IPv6 as in RFC 5952, without a
 * zone, and IPv4 for a mapped address such as `::ffff:192.0.2.1` (RFC 4291
 * §2.5.5.2), which a dual-stack socket reports. Returns undefined for a text
 * that is not an address.
 */
export function plainAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const zone = text.indexOf("%");
  const address = zone < 0 ? text : text.slice(0, zone);
  const plain = new SocketAddress({ address, family: "ipv6" }).address;
  return MAPPED.exec(plain)?.[1] ?? plain;
}
