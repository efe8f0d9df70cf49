/**
 * Socket activation: sockets that a service manager has bound and listens on,
 * as systemd does for a `.socket` unit. They are the LISTEN_FDS descriptors
 * from 3 on. While this process does not run, connections wait in the kernel's
 * queue for the next one.
 */
import dns from "node:dns/promises";
import {
  type ListenAddress,
  listenerNames,
} from "../../shared/addresses/listen-address.ts";
import type { Inheritance } from "../../shared/inheritance.ts";
import type { ServiceEnvironment } from "../host/service-environment.ts";
import { StartError } from "../start-error.ts";
import {
  boundAddress,
  inodeOfSocket,
  readSocketTables,
} from "./bound-address.ts";
import {
  type ActivatedSocket,
  describeSocket,
  matchSockets,
  type WantedSocket,
} from "./match-sockets.ts";

const FIRST_FD = 3;

/**
 * Assigns the activated sockets, by the names of the listeners and of the ports
 * of the master.
 *
 * @throws StartError where no listener or port has the address of a socket:
 *   clients would wait on it for ever
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
  // The service manager keeps the sockets, and the files of unix sockets.
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
