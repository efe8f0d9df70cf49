/** Runs per connection. */
import { UNIX } from "../../shared/addresses/address-list.ts";
import { plainAddress } from "../../shared/addresses/plain-address.ts";
import type { SystemHandle } from "./system-handle.ts";

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
export function peerAddress(
  handle: SystemHandle | undefined,
): string | undefined {
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
