/** Assigns activated sockets to the listeners that want them. */
import { isIPv6 } from "node:net";
import path from "node:path";
import {
  type ListenAddress,
  listenerName,
} from "../../shared/addresses/listen-address.ts";

/** A socket that a service manager has bound. */
export interface ActivatedSocket {
  readonly fd: number;
  /** Its name in LISTEN_FDNAMES. */
  readonly label: string | undefined;
  /** Undefined where the kernel does not show it. */
  readonly address: ListenAddress | undefined;
}

/** A socket that a listener or a port needs. */
export interface WantedSocket {
  readonly name: string;
  /** With an IP address as its host. */
  readonly address: ListenAddress;
  /** Whether no socket of unknown address may be assigned to it. */
  readonly isOptional?: boolean;
}

export interface SocketMatches {
  /** By the names of the wanted sockets. */
  readonly byName: ReadonlyMap<string, ActivatedSocket>;
  readonly unused: readonly ActivatedSocket[];
}

/**
 * Matches sockets by their addresses. If one socket of unknown address is left,
 * and one listener without a socket, these belong together.
 */
export function matchSockets(
  wanted: readonly WantedSocket[],
  sockets: readonly ActivatedSocket[],
): SocketMatches {
  const byName = new Map<string, ActivatedSocket>();
  const left = new Set(sockets);
  for (const { name, address } of wanted) {
    const found = [...left].find((socket) => {
      return socket.address && isSame(address, socket.address);
    });
    if (!found) continue;
    left.delete(found);
    byName.set(name, found);
  }
  const unmatched = wanted.filter(({ name, isOptional }) => {
    return !isOptional && !byName.has(name);
  });
  const unknown = [...left].filter(({ address }) => !address);
  const [only, socket] = [unmatched[0], unknown[0]];
  if (only && socket && unmatched.length === 1 && unknown.length === 1) {
    left.delete(socket);
    byName.set(only.name, socket);
  }
  return { byName, unused: [...left] };
}

/** "descriptor 3 (web.socket) on 0.0.0.0:80" */
export function describeSocket({
  fd,
  label,
  address,
}: ActivatedSocket): string {
  const where = address
    ? `on ${listenerName(address)}`
    : "whose address is not known";
  return `descriptor ${fd}${label ? ` (${label})` : ""} ${where}`;
}

function isSame(wanted: ListenAddress, bound: ListenAddress): boolean {
  if ("socketPath" in wanted || "socketPath" in bound) {
    if (!("socketPath" in wanted && "socketPath" in bound)) return false;
    return path.resolve(wanted.socketPath) === path.resolve(bound.socketPath);
  }
  if (wanted.port !== bound.port) return false;
  const [one, other] = [canonical(wanted.host), canonical(bound.host)];
  if (one === other) return true;
  // Both mean all addresses; the bound socket decides between IPv4 and IPv6.
  const isAll = [one, other].every((host) => ALL.includes(host));
  return isAll && !wanted.ipv6Only;
}

const ALL = ["0.0.0.0", "[::]"];

/** An IPv6 address can be written in several ways. */
function canonical(host: string): string {
  return isIPv6(host) ? new URL(`http://[${host}]`).hostname : host;
}
