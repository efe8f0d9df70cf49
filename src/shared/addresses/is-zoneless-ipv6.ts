import { isIPv6 } from "node:net";

/** The longest form: eight groups, the last two as IPv4. */
const MAX_CHARS = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length;

/** Whether the text is an IPv6 address without a zone (RFC 3986 §3.2.2). */
export function isZonelessIpv6(text: string): boolean {
  return text.length <= MAX_CHARS && !text.includes("%") && isIPv6(text);
}
