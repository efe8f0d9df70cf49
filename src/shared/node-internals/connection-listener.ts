/**
 * A server of `node:http` whose requests come from somewhere else.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents no way to keep
 * its server from reading a connection that it is told of by an event.
 */
import type { Server } from "node:http";

/**
 * Keeps the server from parsing what comes on a socket of which it is told by
 * "connection", or by "secureConnection" for a server of `node:https`.
 */
export function stopReadingConnections(server: Server): void {
  for (const event of ["connection", "secureConnection"]) {
    for (const listener of server.listeners(event)) {
      if (listener.name !== "connectionListener") continue;
      server.off(event, listener as () => void);
    }
  }
}
