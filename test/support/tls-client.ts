import type net from "node:net";
import tls from "node:tls";
import { connect, type ServerAddress } from "./server-address.ts";

/** A socket to a TLS server on which nothing is said yet. */
export function connectWire(address: ServerAddress): net.Socket {
  return connect({ ...address, tls: undefined } as unknown as ServerAddress);
}

/** A TLS client on a socket, which stays at hand: only it can be reset. */
export function secureWire(
  wire: net.Socket,
  options: tls.ConnectionOptions | undefined,
): tls.TLSSocket {
  return tls.connect({ servername: "localhost", ...options, socket: wire });
}
