/** Servers of `node:http` and `node:https`, which have no common class. */
import { Server } from "node:http";
import { Server as HttpsServer } from "node:https";
import { Server as TlsServer } from "node:tls";
import type { AcceptedRequests } from "../http/accepted-requests.ts";

export function isNodeServer(value: unknown): value is Server {
  return value instanceof Server || value instanceof HttpsServer;
}

/** Whether its "connection" events are of sockets beneath TLS. */
export function isTlsServer(value: unknown): value is TlsServer {
  return value instanceof TlsServer;
}

/** What a server listens for beside "request"; a listener for nothing. */
export function acceptedBy(hosted: unknown): AcceptedRequests {
  const listensFor = (event: string) => {
    return isNodeServer(hosted) && hosted.listenerCount(event) > 0;
  };
  return {
    connect: () => listensFor("connect"),
    expectation: () => listensFor("checkExpectation"),
  };
}
