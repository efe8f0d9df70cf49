/** Runs per connection. */
import type { Socket } from "node:net";
import { UNIX } from "../../shared/addresses/address-list.ts";
import { plainAddress } from "../../shared/addresses/plain-address.ts";

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
let lastPlain: string | undefined;

/**
 * The address of the other side, in plain form, or "unix"; undefined where the
 * connection is gone. As `socket.remoteAddress`, which keeps an object with
 * what else is known of the peer for as long as the connection.
 */
export function peerAddress(wire: Socket): string | undefined {
  const { _handle: handle } = wire as unknown as WithHandle;
  if (!handle) return undefined;
  // A TCP connection that is gone must not pass for a Unix socket.
  if (!handle.getpeername) return UNIX;
  const found: { address?: string } = {};
  if (handle.getpeername(found) !== 0) return undefined;
  if (found.address !== lastAddress) {
    lastAddress = found.address;
    lastPlain = found.address && plainAddress(found.address);
  }
  return lastPlain;
}
