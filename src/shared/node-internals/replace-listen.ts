/**
 * `listen()` of servers, which a program calls on its own.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents neither that
 * all servers have the method from one prototype, nor what of an argument is a
 * handle.
 */
import { Server } from "node:net";

/** Returns false for a call that Node's own `listen()` is to handle. */
type Take = (server: Server, args: readonly unknown[]) => boolean;

/** From now on `listen()` of all servers asks `take` first. */
export function replaceListen(take: Take): void {
  const { listen: listenByNode } = Server.prototype;
  Object.defineProperty(Server.prototype, "listen", {
    configurable: true,
    writable: true,
    value(this: Server, ...args: unknown[]): Server {
      const isTaken = take(this, args);
      return isTaken ? this : Reflect.apply(listenByNode, this, args);
    },
  });
}

/** Whether the options of `listen()` are a handle or a descriptor. */
export function isHandle(options: object): boolean {
  const { fd, handle, _handle } = options as Record<string, unknown>;
  return typeof fd === "number" || isObject(handle) || isObject(_handle);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
