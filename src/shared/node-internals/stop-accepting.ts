/**
 * Ends the listening of an HTTP server, and no connection with it.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents
 * `server.close()`, which also closes connections that have sent no request
 * yet; it does not promise that the method of `net.Server` leaves them.
 */
import type http from "node:http";
import net from "node:net";

export function stopAccepting(server: http.Server): void {
  net.Server.prototype.close.call(server);
}
