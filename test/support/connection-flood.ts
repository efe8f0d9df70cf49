import type { Socket } from "node:net";
import { connect, type ServerAddress } from "./server-address.ts";

/** Many connections at once that say nothing, not even over TLS. */
export class ConnectionFlood {
  readonly #sockets: readonly Socket[];
  /**
   * Connections closed so far; until `leave()`, by the server or the system.
   */
  ended = 0;

  private constructor({ tls: _, ...address }: ServerAddress, count: number) {
    this.#sockets = Array.from({ length: count }, () => {
      const socket = connect(address).resume();
      socket.on("error", () => {}).once("close", () => this.ended++);
      return socket;
    });
  }

  /** Resolves when each of them is connected, or never will be. */
  static async open(
    address: ServerAddress,
    count: number,
  ): Promise<ConnectionFlood> {
    const flood = new ConnectionFlood(address, count);
    await Promise.all(flood.#sockets.map(isSettled));
    return flood;
  }

  /** Resolves when nothing is left of them on this side. */
  async leave(): Promise<void> {
    const closed = this.#sockets
      .filter((socket) => !socket.closed)
      .map((socket) => new Promise((resolve) => socket.on("close", resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }
}

function isSettled(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (!socket.connecting) resolve();
    socket.on("connect", resolve).on("close", () => resolve());
  });
}
