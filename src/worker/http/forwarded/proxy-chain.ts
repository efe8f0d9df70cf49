/** Runs per trusted hop of a request whose address matters. */
import type { AddressList } from "../../../shared/addresses/address-list.ts";
import { plainAddress } from "../../../shared/addresses/plain-address.ts";

/** No real chain is longer; reading on would be work for an attacker. */
const MAX_HOPS = 32;

// RFC 7239 §6.3: Forwarded may hide a port behind "_name".
const IPV6_NODE = /^\[([^\]]+)\](?::(?:\d{1,5}|_[\w.-]+))?$/;
const IPV4_NODE = /^([\d.]+):(?:\d{1,5}|_[\w.-]+)$/;

/**
 * Follows the proxies from the last one back towards the client: each recorded
 * the address of the hop before it. The first address that is not a trusted
 * proxy ends the chain, because everything before it may be invented.
 */
export class ProxyChain {
  /** Address of the client so far; undefined if it is not known. */
  address: string | undefined = undefined;
  /** Number of recorded addresses followed so far. */
  hops = 0;
  readonly #proxies: AddressList;

  constructor(proxies: AddressList) {
    this.#proxies = proxies;
  }

  /**
   * @param node the address that the current proxy recorded
   * @returns whether that address is a trusted proxy too
   */
  follow(node: string): boolean {
    this.hops++;
    this.address = nodeAddress(node);
    if (this.address === undefined) return false;
    if (!this.#proxies.has(this.address)) return false;
    if (this.hops < MAX_HOPS) return true;
    this.address = undefined;
    return false;
  }
}

/**
 * The address in a node identifier (RFC 7239 §6), without its port. Some
 * proxies write IPv6 without brackets. Undefined for "unknown" and "_hidden".
 */
function nodeAddress(node: string): string | undefined {
  const bracketed = IPV6_NODE.exec(node)?.[1];
  if (bracketed !== undefined && !bracketed.includes(":")) return undefined;
  return plainAddress(bracketed ?? IPV4_NODE.exec(node)?.[1] ?? node);
}
