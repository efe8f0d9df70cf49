import type { Socket } from "node:net";

/**
 * The socket whose handle is the system's: that of a connection itself, or
 * the one beneath a TLS socket. Node has no documented name for it.
 */
export function wireOf(socket: Socket): Socket {
  return (socket as { readonly _parent?: Socket | null })._parent ?? socket;
}
