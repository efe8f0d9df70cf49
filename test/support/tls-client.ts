import type net from "node:net";
import tls from "node:tls";
import { connect, type ServerAddress } from "./server-address.ts";

/** Opens a plain socket to a TLS server; no handshake has begun. */
export function connectWire(address: ServerAddress): net.Socket {
  return connect({ ...address, tls: undefined } as unknown as ServerAddress);
}

/** Starts TLS on a socket. Keep the socket: only it can be reset. */
export function secureWire(
  wire: net.Socket,
  options: tls.ConnectionOptions | undefined,
): tls.TLSSocket {
  return tls.connect({ servername: "localhost", ...options, socket: wire });
}
