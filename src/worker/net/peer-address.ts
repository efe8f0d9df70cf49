/** Runs per connection. */
import { UNIX } from "../../shared/addresses/address-list.ts";
import { plainAddress } from "../../shared/addresses/plain-address.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  isUnixSocket,
  peerIpOf,
} from "../../shared/node-internals/connection-handle.ts";

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
