import {
  INHERITANCE_VARIABLE,
  type Inheritance,
  readInheritance,
} from "../../shared/inheritance.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  type FromIncoming,
  type ToIncoming,
  toIncomingSchema,
  UPGRADE_PROTOCOL,
} from "../../shared/upgrade-messages.ts";
import { StartError } from "../start-error.ts";
import type { IncomingEvent } from "./incoming-master.ts";

export type Welcome = Extract<ToIncoming, { type: "welcome" }>;

export type ChannelEvent = Extract<
  IncomingEvent,
  { type: "message" | "outgoingGone" }
>;

/** The IPC channel to the outgoing master, which started this process. */
export class OutgoingChannel {
  readonly sockets: Inheritance;
  /** Read early: when a parent dies, another process becomes the parent. */
  readonly pid = process.ppid;
  #onEvent: (event: ChannelEvent) => void = () => {};
  #isOpen = true;

  private constructor(sockets: Inheritance) {
    this.sockets = sockets;
    process.on("message", this.#onMessage);
    process.on("disconnect", this.#onDisconnect);
  }

  /**
   * Undefined in a process that no master has started. Removes the variable,
   * which is for this process alone.
   *
   * @throws StartError if the variable is not understood; the outgoing master
   * has been told why
   */
  static async find(
    env: NodeJS.ProcessEnv,
  ): Promise<OutgoingChannel | undefined> {
    const text = env[INHERITANCE_VARIABLE];
    delete env[INHERITANCE_VARIABLE];
    if (text === undefined || !process.connected) return undefined;
    try {
      return new OutgoingChannel(readInheritance(text));
    } catch (error) {
      const { message } = error as Error;
      await send({ type: "failed", message });
      throw new StartError({ message });
    }
  }

  /** Sends "hello". Returns undefined if the outgoing master has died. */
  greet(): Promise<Welcome | undefined> {
    return new Promise((resolve) => {
      this.listen((event) => {
        if (event.type === "outgoingGone") resolve(undefined);
        else if (event.message.type === "welcome") resolve(event.message);
      });
      this.send({ type: "hello", protocol: UPGRADE_PROTOCOL });
    });
  }

  /** Emits "outgoingGone" at once if the outgoing master has already died. */
  listen(onEvent: (event: ChannelEvent) => void): void {
    this.#onEvent = onEvent;
    if (!this.#isOpen) onEvent({ type: "outgoingGone" });
  }

  /** The message is lost if the outgoing master is gone. */
  send(message: FromIncoming): void {
    if (this.#isOpen) send(message);
  }

  /** Reports that this process cannot become the master; resolves when sent. */
  async reject({ message }: Error): Promise<void> {
    if (this.#isOpen) await send({ type: "failed", message });
  }

  close(): void {
    process.off("message", this.#onMessage);
    process.off("disconnect", this.#onDisconnect);
    if (process.connected) process.disconnect();
  }

  readonly #onMessage = (value: unknown, handle: unknown) => {
    const { success, data: message } = toIncomingSchema.safeParse(value);
    if (!success) {
      // A master of another version must learn why the upgrade ends.
      this.send({ type: "failed", message: `not understood: ${value}` });
      return;
    }
    const ours = handle as RawHandle | undefined;
    this.#onEvent({ type: "message", message, handle: ours });
  };

  readonly #onDisconnect = () => {
    this.#isOpen = false;
    this.#onEvent({ type: "outgoingGone" });
  };
}

/** A channel that breaks during the call emits "disconnect". */
function send(message: FromIncoming): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, {}, () => resolve());
  });
}
