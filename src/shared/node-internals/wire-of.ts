/**
 * The socket beneath a TLS socket.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents no way from a
 * `tls.TLSSocket` to the socket that was given to its server.
 */
import type { Socket } from "node:net";

/** The socket whose handle is the system's; without TLS the same socket. */
export function wireOf(socket: Socket): Socket {
  return (socket as { readonly _parent?: Socket | null })._parent ?? socket;
}
