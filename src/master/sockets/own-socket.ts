import type { InheritedSocket } from "../../shared/inheritance.ts";
import type { ListenAddress } from "../../shared/listen-address.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import type { AddressSettings } from "./address-settings.ts";
import { ListenSocket } from "./listen-socket.ts";

export interface OwnSocketOptions {
  readonly address: ListenAddress;
  /** The settings that the address is from, for an error that names them. */
  readonly setBy?: AddressSettings | undefined;
  /** Bound already, by the master before this one, or by its supervisor. */
  readonly inherited?: InheritedSocket | undefined;
  /** Creates the file of a unix socket. */
  readonly files?: PrivilegedFiles | undefined;
}

/** A port of the master's own, which goes from master to master. */
export interface OwnPort {
  /** Where it is; the port is the real one where 0 was asked for. */
  readonly address: ListenAddress;
  /** For a process that is to inherit it. */
  readonly fd: number;
  /** The file of a unix socket is neither this process's nor its heir's. */
  readonly keepsFile: boolean;
}

const BACKLOG = 511;

/**
 * A socket on which a server of Node's is to accept, in the master.
 *
 * @throws StartError that says why the address cannot be had
 */
export function openOwnSocket({
  address,
  setBy,
  inherited,
  files,
}: OwnSocketOptions): Promise<ListenSocket> {
  return ListenSocket.open({
    address,
    setBy,
    backlog: BACKLOG,
    scheduling: "shared",
    ...inherited,
    files,
    onConnection: () => {},
    onAcceptError: () => {},
  });
}
