/** Which passed socket is whose. */
import { isIPv6 } from "node:net";
import path from "node:path";
import type { ListenAddress } from "../../shared/listen-address.ts";
import { listenerName } from "../../shared/listener-name.ts";

/** One that a supervisor has bound and passed on. */
export interface PassedSocket {
  readonly fd: number;
  /** What the supervisor calls it. */
  readonly label: string | undefined;
  /** Undefined where it could not be found out. */
  readonly address: ListenAddress | undefined;
}

/** Who may want one. */
export interface SocketSeeker {
  readonly name: string;
  /** With a host that is a number. */
  readonly address: ListenAddress;
  /** Whether it can do without, and so takes none of unknown address. */
  readonly isOptional?: boolean;
}

export interface SocketMatches {
  /** By the names of those who get one. */
  readonly byName: ReadonlyMap<string, PassedSocket>;
  readonly unwanted: readonly PassedSocket[];
}

/**
 * Each gets the socket that is bound to its address. One whose address is not
 * known belongs to the only one who has none, if there is just one of each.
 */
export function matchSockets(
  seekers: readonly SocketSeeker[],
  sockets: readonly PassedSocket[],
): SocketMatches {
  const byName = new Map<string, PassedSocket>();
  const left = new Set(sockets);
  for (const { name, address } of seekers) {
    const found = [...left].find((socket) => {
      return socket.address && isSame(address, socket.address);
    });
    if (!found) continue;
    left.delete(found);
    byName.set(name, found);
  }
  const waiting = seekers.filter(({ name, isOptional }) => {
    return !isOptional && !byName.has(name);
  });
  const unknown = [...left].filter(({ address }) => !address);
  const [seeker, socket] = [waiting[0], unknown[0]];
  if (seeker && socket && waiting.length === 1 && unknown.length === 1) {
    left.delete(socket);
    byName.set(seeker.name, socket);
  }
  return { byName, unwanted: [...left] };
}

/** "descriptor 3 (web.socket) on 0.0.0.0:80" */
export function describeSocket({ fd, label, address }: PassedSocket): string {
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
  // Both mean all addresses; which of IPv4 and IPv6, the binding has decided.
  const isAll = [one, other].every((host) => ALL.includes(host));
  return isAll && !wanted.ipv6Only;
}

const ALL = ["0.0.0.0", "[::]"];

/** IPv6 addresses can be written in many ways. */
function canonical(host: string): string {
  return isIPv6(host) ? new URL(`http://[${host}]`).hostname : host;
}
