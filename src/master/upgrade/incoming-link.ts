import type { Inheritance } from "../../shared/inheritance.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import type { HandoverTotals } from "../../shared/metrics/handover-totals.ts";
import type { ToIncoming } from "../../shared/upgrade-messages.ts";
import type { OutgoingEvent } from "./outgoing-master.ts";

/** The process of an incoming master. */
export interface IncomingPeer {
  /** 0 if there is no process. */
  readonly pid: number;
  /** Resolves when the message is sent, or lost because the process is gone. */
  send(message: ToIncoming): Promise<void>;
  /**
   * Sends a connection and closes our copy. Returns false if the process is
   * gone.
   */
  pass(handle: RawHandle, listener: string): boolean;
  /** Sends KILL. */
  kill(): void;
  /** Closes the channel and emits no more events. */
  forget(): void;
}

/** Spawns a process whose events begin after this returns. */
export type SpawnIncoming = (
  sockets: Inheritance,
  onEvent: (event: OutgoingEvent) => void,
) => IncomingPeer;

/** The incoming master of the last upgrade, if any. */
export class IncomingLink {
  readonly #spawn: SpawnIncoming;
  readonly #enqueue: (event: OutgoingEvent) => void;
  #peer: IncomingPeer | undefined;

  constructor(spawn: SpawnIncoming, enqueue: (event: OutgoingEvent) => void) {
    this.#spawn = spawn;
    this.#enqueue = enqueue;
  }

  spawn(sockets: Inheritance): void {
    this.#peer?.forget();
    try {
      this.#peer = this.#spawn(sockets, this.#enqueue);
      this.#enqueue({ type: "spawned", pid: this.#peer.pid });
    } catch (error) {
      const { message } = error as Error;
      this.#enqueue({ type: "notSpawned", error: message });
    }
  }

  async send(message: ToIncoming): Promise<void> {
    await this.#peer?.send(message);
  }

  /** Returns false if there is no process to take it. */
  pass(handle: RawHandle, listener: string): boolean {
    return this.#peer?.pass(handle, listener) ?? false;
  }

  kill(): void {
    this.#peer?.kill();
  }

  /**
   * Closes the link when this master exits.
   *
   * @param totals the final totals, if the other master continues with them
   */
  async close(totals?: HandoverTotals): Promise<void> {
    if (totals) await this.send({ type: "counted", totals });
    this.#peer?.forget();
  }
}
