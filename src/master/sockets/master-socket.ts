import type { ListenAddress } from "../../shared/addresses/listen-address.ts";
import type { InheritedSocket } from "../../shared/inheritance.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import type { AddressSettings } from "./address-settings.ts";
import { ListenSocket } from "./listen-socket.ts";

export interface MasterSocketOptions {
  readonly address: ListenAddress;
  /** Settings of the address, for an error that names them. */
  readonly setBy?: AddressSettings | undefined;
  /** The socket, if another master or a service manager has bound it. */
  readonly inherited?: InheritedSocket | undefined;
  /** Creates the file of a unix socket. */
  readonly files?: PrivilegedFiles | undefined;
}

/** A port that the master itself serves; the next master inherits its socket. */
export interface MasterPort extends InheritedSocket {
  /** With the actual port where the settings have 0. */
  readonly address: ListenAddress;
}

const BACKLOG = 511;

/**
 * Opens a socket for a server of Node's in the master.
 *
 * @throws StartError that says why the address is not available
 */
export function openMasterSocket({
  address,
  setBy,
  inherited,
  files,
}: MasterSocketOptions): Promise<ListenSocket> {
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
