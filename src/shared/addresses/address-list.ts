/** Runs per request whose address matters: one look-up. */
import { BlockList, isIPv4 } from "node:net";
import { plainAddress } from "./plain-address.ts";

/** What a peer on a Unix socket has in place of an address. */
export const UNIX = "unix";

/** Addresses and networks. */
export interface AddressList {
  /** @param address as `plainAddress()` gives it, or "unix" */
  has(address: string): boolean;
}

const V4_BITS = 32;
const V6_BITS = 128;
/** Of `::ffff:0:0/96`, in which IPv4 lies. */
const MAPPED_BITS = V6_BITS - V4_BITS;

/**
 * @param owner the option that the list is of, for messages
 * @throws TypeError for what is no address, no network (RFC 4632 §3.1, RFC 4291
 * §2.3) and not "unix"
 */
export function addressList(
  owner: string,
  entries: readonly string[],
): AddressList {
  if (!Array.isArray(entries)) throw new TypeError(`${owner} must be a list`);
  // Two, as one of Node's takes an IPv4 address for one of ::/0.
  // Made on demand: to ask one costs a microsecond, also where it is empty.
  let v4: BlockList | undefined;
  let v6: BlockList | undefined;
  let hasUnix = false;
  for (const entry of entries) {
    if (entry === UNIX) {
      hasUnix = true;
      continue;
    }
    const network = networkOf(entry);
    if (!network) throw noNetwork(owner, entry);
    const { address, bits } = network;
    if (isIPv4(address)) {
      v4 ??= new BlockList();
      v4.addSubnet(address, bits, "ipv4");
    } else {
      v6 ??= new BlockList();
      v6.addSubnet(address, bits, "ipv6");
    }
  }
  return {
    has(address) {
      if (address === UNIX) return hasUnix;
      const found = isIPv4(address)
        ? v4?.check(address, "ipv4")
        : v6?.check(address, "ipv6");
      return found === true;
    },
  };
}

function networkOf(entry: unknown) {
  if (typeof entry !== "string") return undefined;
  const [text = "", length, more] = entry.split("/");
  const address = text.includes("%") ? undefined : plainAddress(text);
  if (address === undefined || more !== undefined) return undefined;
  const isV4 = isIPv4(address);
  const most = isIPv4(text) ? V4_BITS : V6_BITS;
  const given = length === undefined ? most : Number(length);
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  // A network of mapped addresses counts the 96 bits before them, too.
  const bits = isV4 && most === V6_BITS ? given - MAPPED_BITS : given;
  const inRange = bits >= 0 && bits <= (isV4 ? V4_BITS : V6_BITS);
  return inRange ? { address, bits } : undefined;
}

function noNetwork(owner: string, entry: unknown): TypeError {
  return new TypeError(
    `${owner} has ${JSON.stringify(entry)}, which is no address and no ` +
      'network: write "192.0.2.1", "10.0.0.0/8", "2001:db8::/32" or "unix"',
  );
}
