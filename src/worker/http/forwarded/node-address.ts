/** Runs per trusted hop of a request whose address matters. */
import { plainAddress } from "../../../shared/addresses/plain-address.ts";

// A port is hidden as "_name" in the field Forwarded (RFC 7239 §6.3).
const IPV6_NODE = /^\[([^\]]+)\](?::(?:\d{1,5}|_[\w.-]+))?$/;
const IPV4_NODE = /^([\d.]+):(?:\d{1,5}|_[\w.-]+)$/;

/**
 * The address that a proxy gives a node, without its port; some write IPv6
 * without brackets. Undefined for what is none, as "unknown" and "_hidden".
 */
export function nodeAddress(node: string): string | undefined {
  const bracketed = IPV6_NODE.exec(node)?.[1];
  if (bracketed !== undefined && !bracketed.includes(":")) return undefined;
  return plainAddress(bracketed ?? IPV4_NODE.exec(node)?.[1] ?? node);
}
