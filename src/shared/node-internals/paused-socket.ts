/**
 * A socket with the option `onread` stops reading from the kernel when it is
 * paused, and so does not notice that the peer has ended. Other sockets read on
 * until their buffer is full. `unpipe()` pauses as well: a socket whose target
 * has closed would never close.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents `onread`, but
 * not that it changes `socket.pause()`.
 */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** Makes `pause()` of a socket with `onread` that of other sockets. */
export function readWhilePaused(socket: Socket): void {
  socket.pause = Duplex.prototype.pause as typeof socket.pause;
}
