import net from "node:net";
import type { Group } from "./kind.ts";
import { StatusCounter } from "./status-counter.ts";
import type { Tally } from "./tally.ts";

export interface PeerOptions {
  readonly port: number;
  readonly localAddress: string;
  readonly group: Group;
  readonly tally: Tally;
  readonly onClosed: (peer: Peer) => void;
}

const RESETS = new Set<string | undefined>(["ECONNRESET", "EPIPE"]);

/** One connection of a hostile client. */
export class Peer {
  /** Number of turns so far. */
  turns = 0;
  readonly #socket: net.Socket;
  readonly #tally: Tally;
  readonly #counter: StatusCounter;
  #requests = 0;
  #isOpen = false;

  constructor({ port, localAddress, group, tally, onClosed }: PeerOptions) {
    this.#tally = tally;
    const counter = new StatusCounter(tally.statuses);
    this.#counter = counter;
    const host = "127.0.0.1";
    const socket = net.connect({ port, host, localAddress, noDelay: true });
    this.#socket = socket;
    socket.on("connect", () => {
      this.#isOpen = true;
      tally.opened++;
      tally.peakOpen = Math.max(tally.peakOpen, ++tally.open);
      group.onOpen?.(this);
    });
    socket.on("end", () => tally.fins++);
    socket.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (!this.#isOpen) tally.refused++;
      else if (RESETS.has(code)) tally.resets++;
      else throw new Error(`a hostile client failed: ${code}`);
    });
    socket.on("close", () => {
      if (this.#isOpen) tally.open--;
      this.#isOpen = false;
      onClosed(this);
    });
    // Without a listener a socket reads nothing once it is paused.
    if (group.isReading ?? true) {
      socket.on("data", (chunk: Buffer) => counter.onData(chunk));
    } else {
      socket.pause();
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether all requests have been answered. */
  get isAnswered(): boolean {
    return this.#counter.count >= this.#requests;
  }

  /** Whether earlier data has been written: refused data must not queue up. */
  get canSend(): boolean {
    return this.#isOpen && this.#socket.writableLength === 0;
  }

  /** Sends if possible; returns whether it did. */
  send(bytes: string | Buffer, requests = 0): boolean {
    if (!this.canSend) return false;
    this.#tally.bytesSent += bytes.length;
    this.#tally.requests += requests;
    this.#requests += requests;
    if (typeof bytes === "string") this.#socket.write(bytes, "latin1");
    else this.#socket.write(bytes);
    return true;
  }

  /** Closes without further data. */
  destroy(): void {
    this.#socket.destroy();
  }
}
