/** Runs per connection. */
import type { Socket } from "node:net";
import { handleOf } from "../../shared/node-internals/connection-handle.ts";
import { peerAddress } from "./peer-address.ts";
import { proxyHeaderOf } from "./proxy-protocol/header-of.ts";
import type { ProxySource } from "./proxy-protocol/proxy-header.ts";

const PEER: ProxySource = { type: "peer" };

/**
 * Where a connection comes from, as `peerAddress()` has it: behind a proxy that
 * told it, the proxy's client.
 */
export function remoteAddress(wire: Socket): string | undefined {
  const source = proxyHeaderOf(wire)?.source ?? PEER;
  switch (source.type) {
    case "peer":
      return peerAddress(handleOf(wire));
    case "address":
      return source.address;
    case "unixSocket":
      // It is none of ours, and nobody that we may trust.
      return undefined;
    default:
      return source satisfies never;
  }
}
