/**
 * A server of `node:http` whose requests come from somewhere else.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents no way to keep
 * its server from reading a connection that it is told of by an event.
 */
import type { Server } from "node:http";

/**
 * Keeps the server from parsing what comes on a socket of which it is told by
 * "connection".
 */
export function stopReadingConnections(server: Server): void {
  for (const listener of server.listeners("connection")) {
    if (listener.name !== "connectionListener") continue;
    server.off("connection", listener as () => void);
  }
}
