import type { Socket } from "node:net";
import { connect, type ServerAddress } from "./server-address.ts";

/**
 * Many simultaneous connections that send nothing, not even a TLS handshake.
 */
export class ConnectionFlood {
  readonly #sockets: readonly Socket[];
  /**
   * Connections closed so far. Before `leave()`, the server or the system
   * closed them.
   */
  ended = 0;

  private constructor({ tls: _, ...address }: ServerAddress, count: number) {
    this.#sockets = Array.from({ length: count }, () => {
      const socket = connect(address).resume();
      socket.on("error", () => {}).once("close", () => this.ended++);
      return socket;
    });
  }

  /** Resolves when each connection is open or has failed. */
  static async open(
    address: ServerAddress,
    count: number,
  ): Promise<ConnectionFlood> {
    const flood = new ConnectionFlood(address, count);
    await Promise.all(flood.#sockets.map(isSettled));
    return flood;
  }

  /** Closes all connections; resolves when they are closed on this side. */
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
