/** Runs per request that needs the client address: one look-up. */
import { BlockList, isIPv4 } from "node:net";
import { plainAddress } from "./plain-address.ts";

/** Stands for the address of a peer on a Unix socket. */
export const UNIX = "unix";

/** A set of addresses and networks. */
export interface AddressList {
  /** @param address a result of `plainAddress()`, or "unix" */
  has(address: string): boolean;
}

const V4_BITS = 32;
const V6_BITS = 128;
/** Prefix length of `::ffff:0:0/96`, the IPv4-mapped addresses. */
const MAPPED_BITS = V6_BITS - V4_BITS;

/**
 * @param owner name of the option, for error messages
 * @throws TypeError for an entry that is not an address, a network (RFC 4632
 * §3.1, RFC 4291 §2.3) or "unix"
 */
export function addressList(
  owner: string,
  entries: readonly string[],
): AddressList {
  if (!Array.isArray(entries)) throw new TypeError(`${owner} must be a list`);
  // Two lists, because one BlockList finds IPv4 addresses in ::/0. Created on
  // demand, because a check of an empty list costs a microsecond too.
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
  // The prefix length of a mapped network includes the 96 bits.
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
