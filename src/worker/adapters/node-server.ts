/** Servers of `node:http` and `node:https`, which have no common class. */
import { Server } from "node:http";
import { Server as HttpsServer } from "node:https";
import { Server as TlsServer } from "node:tls";

export function isNodeServer(value: unknown): value is Server {
  return value instanceof Server || value instanceof HttpsServer;
}

/** Whether its "connection" events are of sockets beneath TLS. */
export function isTlsServer(value: unknown): value is TlsServer {
  return value instanceof TlsServer;
}

/** Whether a value is a server that listens for "connect". */
export function takesConnect(value: unknown): boolean {
  return isNodeServer(value) && value.listenerCount("connect") > 0;
}
