/**
 * Sockets that the supervisor has bound and listens on, as systemd does for a
 * `.socket` unit: descriptors from 3 on, as many as LISTEN_FDS says. While this
 * process is away they take connections all the same, which wait in the
 * kernel's queue for the next one.
 */
import dns from "node:dns/promises";
import type { Inheritance } from "../../shared/inheritance.ts";
import type { ListenAddress } from "../../shared/listen-address.ts";
import { listenerNames } from "../../shared/listener-name.ts";
import type { ServiceEnvironment } from "../host/service-environment.ts";
import { StartError } from "../start-error.ts";
import {
  boundAddress,
  inodeOfSocket,
  readSocketTables,
} from "./bound-address.ts";
import {
  describeSocket,
  matchSockets,
  type PassedSocket,
  type SocketSeeker,
} from "./match-sockets.ts";

const FIRST_FD = 3;

/**
 * By the names of the listeners, and of the ports of the master, that get one.
 *
 * @throws StartError where a socket was passed that nobody asks for: clients
 *   would wait on it for ever
 */
export async function passedSockets(
  { passedSockets: count, passedNames }: ServiceEnvironment,
  listeners: readonly { readonly address: ListenAddress }[],
  ports: readonly Pick<SocketSeeker, "name" | "address">[],
): Promise<Inheritance> {
  if (count === 0) return new Map();
  const sockets = Array.from({ length: count }, (_, index) => {
    return socketAt(FIRST_FD + index, passedNames[index]);
  });
  const names = listenerNames(listeners);
  const wanted: readonly SocketSeeker[] = [
    ...listeners.map(({ address }, index) => {
      return { name: names[index] ?? "", address };
    }),
    ...ports.map((port) => ({ ...port, isOptional: true })),
  ];
  const seekers = await Promise.all(wanted.map(resolved));
  const { byName, unwanted } = matchSockets(seekers, sockets);
  if (unwanted.length > 0) {
    const passed = unwanted.map(describeSocket).join(", ");
    const message =
      `no listener is for what LISTEN_FDS passes: ${passed}; ` +
      `there is ${wanted.map(({ name }) => name).join(", ")}`;
    throw new StartError({ message });
  }
  // The supervisor keeps the socket, and the file of one that has a path.
  const inherited = [...byName].map(([name, { fd }]) => {
    return [name, { fd, keepsFile: true }] as const;
  });
  return new Map(inherited);
}

function socketAt(fd: number, label: string | undefined): PassedSocket {
  const inode = inodeOfSocket(fd);
  if (inode === undefined && process.platform === "linux") {
    const message = `LISTEN_FDS passes descriptor ${fd}, which is no socket`;
    throw new StartError({ message });
  }
  const address = inode && boundAddress(inode, readSocketTables());
  return { fd, label, address: address || undefined };
}

/** Sockets are bound to numbers. */
async function resolved(seeker: SocketSeeker): Promise<SocketSeeker> {
  const { address } = seeker;
  if ("socketPath" in address) return seeker;
  try {
    const { address: host } = await dns.lookup(address.host);
    return { ...seeker, address: { ...address, host } };
  } catch {
    return seeker; // which is said when it is to be bound
  }
}
