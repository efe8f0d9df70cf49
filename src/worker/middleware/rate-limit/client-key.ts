/** Runs per limited request: allocates nothing for an IPv4 address. */
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** A /64: providers assign at least that to one customer. */
const IPV6_PREFIX_GROUPS = 4;

/**
 * The key of a client: an IPv4 address or "unix" itself, for IPv6 the /64
 * prefix, and "unknown" for all clients without a known address.
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
    // "::" stands for the zero groups that complete eight groups.
    const after = tail === "" ? 0 : tail.split(":").length;
    const zeros = Math.max(0, 8 - groups.length - after);
    groups.push(...Array<string>(zeros).fill("0"), ...tail.split(":"));
  }
  return groups
    .slice(0, IPV6_PREFIX_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
