/** Runs per connection. */
import type { Socket } from "node:net";
import { UNIX } from "../../shared/addresses/address-list.ts";
import { plainAddress } from "../../shared/addresses/plain-address.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  handleOf,
  isUnixSocket,
  peerIpOf,
} from "../../shared/node-internals/connection-handle.ts";
import { proxyHeaderOf } from "./proxy-protocol/proxied-socket.ts";
import type { ProxySource } from "./proxy-protocol/proxy-header.ts";

/**
 * Many connections come from one balancer: they share the address text, since
 * idle connections are kept for a long time.
 */
let lastAddress: string | undefined;
let lastPlain: string | undefined;

const PEER: ProxySource = { type: "peer" };

/**
 * The address of the peer in plain form, or "unix"; undefined if the connection
 * has closed. Unlike `socket.remoteAddress` it does not keep an object with all
 * details of the peer for the life of the connection.
 */
export function peerAddress(handle: RawHandle | undefined): string | undefined {
  if (!handle) return undefined;
  if (isUnixSocket(handle)) return UNIX;
  const address = peerIpOf(handle);
  if (address === undefined) return undefined;
  if (address !== lastAddress) {
    lastAddress = address;
    lastPlain = plainAddress(address);
  }
  return lastPlain;
}

/** As `peerAddress()`, or the client's address from a PROXY header. */
export function remoteAddress(wire: Socket): string | undefined {
  const source = proxyHeaderOf(wire)?.source ?? PEER;
  switch (source.type) {
    case "peer":
      return peerAddress(handleOf(wire));
    case "address":
      return source.address;
    case "unixSocket":
      // On the proxy's host: not a peer that may be trusted here.
      return undefined;
    default:
      return source satisfies never;
  }
}
