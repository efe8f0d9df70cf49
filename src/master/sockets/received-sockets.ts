/**
 * Sockets that another process has opened. A service manager passes activated
 * sockets, as systemd does for a `.socket` unit: the LISTEN_FDS descriptors
 * from 3 on, where connections wait in the kernel's queue while this process is
 * not running. An outgoing master passes inherited sockets, by name.
 */
import dns from "node:dns/promises";
import fs from "node:fs";
import { isIPv6 } from "node:net";
import path from "node:path";
import {
  type ListenAddress,
  listenerName,
  listenerNames,
} from "../../shared/addresses/listen-address.ts";
import type { Inheritance, InheritedSocket } from "../../shared/inheritance.ts";
import type { ServiceEnvironment } from "../host/service-environment.ts";
import { StartError } from "../start-error.ts";
import {
  boundAddress,
  inodeOfSocket,
  readSocketTables,
} from "./bound-address.ts";

/** A socket that a service manager has bound. */
export interface ActivatedSocket {
  readonly fd: number;
  /** Its name in LISTEN_FDNAMES. */
  readonly label: string | undefined;
  /** Undefined if the kernel does not show it. */
  readonly address: ListenAddress | undefined;
}

/** A socket that a listener or a port needs. */
export interface WantedSocket {
  readonly name: string;
  /** The host is an IP address. */
  readonly address: ListenAddress;
  /** Whether a socket of unknown address must not be assigned to it. */
  readonly isOptional?: boolean;
}

interface SocketMatches {
  /** Sockets by the name of the wanted socket. */
  readonly byName: ReadonlyMap<string, ActivatedSocket>;
  readonly unused: readonly ActivatedSocket[];
}

const FIRST_FD = 3;
/** Hosts that mean all addresses. */
const ALL_ADDRESSES = ["0.0.0.0", "[::]"];

/**
 * Assigns the activated sockets, by the names of the listeners and of the ports
 * of the master.
 *
 * @throws StartError if no listener or port has the address of a socket,
 * because clients would wait on it forever
 */
export async function activatedSockets(
  { activatedSockets: count, activatedNames }: ServiceEnvironment,
  listeners: readonly { readonly address: ListenAddress }[],
  ports: readonly Pick<WantedSocket, "name" | "address">[],
): Promise<Inheritance> {
  if (count === 0) return new Map();
  const sockets = Array.from({ length: count }, (_, index) => {
    return socketAt(FIRST_FD + index, activatedNames[index]);
  });
  const names = listenerNames(listeners);
  const requested: readonly WantedSocket[] = [
    ...listeners.map(({ address }, index) => {
      return { name: names[index] ?? "", address };
    }),
    ...ports.map((port) => ({ ...port, isOptional: true })),
  ];
  const wanted = await Promise.all(requested.map(resolveHost));
  const { byName, unused } = matchSockets(wanted, sockets);
  if (unused.length > 0) {
    const message =
      `LISTEN_FDS passes sockets that no listener uses: ` +
      `${unused.map(describeSocket).join(", ")}; the listeners are ` +
      `${wanted.map(({ name }) => name).join(", ")}`;
    throw new StartError({ message });
  }
  // The service manager owns the sockets, and the files of unix sockets.
  const inherited = [...byName].map(([name, { fd }]) => {
    return [name, { fd, keepsFile: true }] as const;
  });
  return new Map(inherited);
}

function socketAt(fd: number, label: string | undefined): ActivatedSocket {
  const inode = inodeOfSocket(fd);
  if (inode === undefined && process.platform === "linux") {
    const message = `LISTEN_FDS passes descriptor ${fd}, which is no socket`;
    throw new StartError({ message });
  }
  const address = inode && boundAddress(inode, readSocketTables());
  return { fd, label, address: address || undefined };
}

/** Sockets are bound to IP addresses, not to host names. */
async function resolveHost(wanted: WantedSocket): Promise<WantedSocket> {
  const { address } = wanted;
  if ("socketPath" in address) return wanted;
  try {
    const { address: host } = await dns.lookup(address.host);
    return { ...wanted, address: { ...address, host } };
  } catch {
    return wanted; // binding the address reports the error
  }
}

// --- matching of sockets to listeners

/**
 * Matches sockets by address. If one socket of unknown address and one listener
 * without a socket remain, they are matched.
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
  // Both are wildcards; the bound socket decides between IPv4 and IPv6.
  const isAll = [one, other].every((host) => ALL_ADDRESSES.includes(host));
  return isAll && !wanted.ipv6Only;
}

/** Normalizes an IPv6 address, which has several spellings. */
function canonical(host: string): string {
  return isIPv6(host) ? new URL(`http://[${host}]`).hostname : host;
}

/**
 * The sockets that pass from one master to the next, by name. A socket that
 * both masters have stays open when one of them exits.
 */
export class InheritedSockets {
  readonly #inherited: Inheritance;
  readonly #isUsed: (name: string) => boolean;

  /** @param isUsed whether a listener or a port of this master has the name */
  constructor(inherited: Inheritance, isUsed: (name: string) => boolean) {
    this.#inherited = inherited;
    this.#isUsed = isUsed;
  }

  /** Names of the inherited sockets that this master uses. */
  get names(): readonly string[] {
    return [...this.#inherited.keys()].filter((name) => this.#isUsed(name));
  }

  /**
   * Closes sockets on which no process would accept, because clients would wait
   * forever. Call it once the workers have asked for their listeners.
   */
  closeUnused(): void {
    for (const [name, { fd }] of this.#inherited) {
      if (!this.#isUsed(name)) fs.closeSync(fd);
    }
  }
}

/** The open sockets of this master, for the next one. */
export function inheritanceOf(
  open: Iterable<readonly [string, InheritedSocket]>,
): Inheritance {
  const entries = [...open].map(([name, { fd, keepsFile }]) => {
    return [name, { fd, keepsFile }] as const;
  });
  return new Map(entries);
}
