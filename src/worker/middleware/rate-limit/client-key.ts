/** Runs per limited request: an IPv4 address stays the string that it is. */
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** What one customer usually gets: to count by address would count nothing. */
const IPV6_PREFIX_GROUPS = 4;

/**
 * Whom an address stands for: IPv4 and "unix" for themselves, IPv6 for its /64,
 * and all whose address is not known for one.
 */
export function clientKey(address: string | undefined): string {
  if (address === undefined) return "unknown";
  if (!address.includes(":")) return address;
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  return mapped ?? `${prefixOf(address)}::/64`;
}

function prefixOf(address: string): string {
  const [head = "", tail] = (address.split("%", 1)[0] ?? "").split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    // As many zeros as are needed: what follows "::" is at the end.
    const after = tail === "" ? 0 : tail.split(":").length;
    const zeros = Math.max(0, 8 - groups.length - after);
    groups.push(...Array<string>(zeros).fill("0"), ...tail.split(":"));
  }
  return groups
    .slice(0, IPV6_PREFIX_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
