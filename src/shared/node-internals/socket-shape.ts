/**
 * A `Duplex` that passes for a `net.Socket`: `instanceof` says so, and it has
 * the methods and properties of one. It has no handle, so that every property
 * which asks the system must be replaced.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. The constructor of
 * `net.Socket` would create or expect a handle, and Node documents no base
 * class of it.
 */
import { Socket } from "node:net";
import { Duplex } from "node:stream";

function construct(this: Duplex): void {
  (Duplex as unknown as (this: Duplex) => void).call(this);
}

construct.prototype = Object.create(Socket.prototype, {
  constructor: { value: construct, configurable: true, writable: true },
  // Written at once, not gathered for a handle.
  _writev: { value: null, configurable: true, writable: true },
});
Object.setPrototypeOf(construct, Socket);

/** To be extended; its instances have the prototype of `net.Socket`. */
export const SocketShape = construct as unknown as new () => Duplex;
