/** Runs per connection. */
import type { Socket } from "node:net";

interface WithHandle {
  readonly _handle?: {
    /** Not of a unix socket. */
    getpeername?(out: { address?: string }): number;
  } | null;
}

/**
 * Behind a balancer many connections come from one address: they share its
 * text, as idle ones are kept for long.
 */
let lastAddress: string | undefined;

/**
 * The address of the other side; undefined on a unix socket, and where the
 * connection is gone. As `socket.remoteAddress`, which keeps an object with
 * what else is known of the peer for as long as the connection.
 */
export function peerAddress(wire: Socket): string | undefined {
  const { _handle } = wire as unknown as WithHandle;
  const found: { address?: string } = {};
  if (_handle?.getpeername?.(found) !== 0) return undefined;
  if (found.address !== lastAddress) lastAddress = found.address;
  return lastAddress;
}
