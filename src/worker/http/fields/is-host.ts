import { isZonelessIpv6 } from "../../../shared/addresses/is-zoneless-ipv6.ts";

// uri-host [ ":" port ] (RFC 9110 §7.2), without the comma that RFC 3986 allows
// in a reg-name: a list of hosts must not pass as one host.
const IP_LITERAL = /^\[([^\]]*)\]/;
const IP_FUTURE = /^v[0-9a-f]+\.[a-z0-9\-._~!$&'()*+;=:]+$/i;
const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})+/;
const PORT = /^(?::(\d*))?$/;
const MAX_PORT = 65_535;

/**
 * Whether the text is one host with an optional port. The port may be empty, or
 * have leading zeros (RFC 3986 §3.2.3).
 */
export function isHost(host: string): boolean {
  const [literal, address] = IP_LITERAL.exec(host) ?? [];
  if (address !== undefined && !isIpLiteral(address)) return false;
  const name = literal ?? REG_NAME.exec(host)?.[0];
  if (!name) return false;
  const port = PORT.exec(host.slice(name.length));
  return port !== null && Number(port[1] ?? 0) <= MAX_PORT;
}

/** RFC 3986 §3.2.2 allows no zone. */
function isIpLiteral(text: string): boolean {
  return IP_FUTURE.test(text) || isZonelessIpv6(text);
}
