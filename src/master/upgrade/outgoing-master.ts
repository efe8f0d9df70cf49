import {
  INHERITANCE_VARIABLE,
  type Inheritance,
  readInheritance,
} from "../../shared/inheritance.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  type FromSuccessor,
  type ToSuccessor,
  toSuccessorSchema,
  UPGRADE_PROTOCOL,
} from "../../shared/upgrade-messages.ts";

import { StartError } from "../start-error.ts";

export type Welcome = Extract<ToSuccessor, { type: "welcome" }>;

export interface PredecessorEvents {
  /** @param handle of a connection, with the message of that type */
  onMessage(message: ToSuccessor, handle: RawHandle | undefined): void;
  /** It has left, or died: nothing more is heard of it. */
  onGone(): void;
}

/** The master that gives way to this one, and has started it for that. */
export class Predecessor {
  readonly sockets: Inheritance;
  /** A parent that dies is replaced: it has to be asked for early. */
  readonly pid = process.ppid;
  #events: PredecessorEvents | undefined;
  #isThere = true;

  private constructor(sockets: Inheritance) {
    this.sockets = sockets;
    process.on("message", this.#onMessage);
    process.on("disconnect", this.#onDisconnect);
  }

  /**
   * The one there is, in a process that is to succeed another. Its variable is
   * removed: it is for nobody else.
   *
   * @throws StartError where it cannot be understood; it knows then
   */
  static async find(env: NodeJS.ProcessEnv): Promise<Predecessor | undefined> {
    const text = env[INHERITANCE_VARIABLE];
    delete env[INHERITANCE_VARIABLE];
    if (text === undefined || !process.connected) return undefined;
    try {
      return new Predecessor(readInheritance(text));
    } catch (error) {
      const { message } = error as Error;
      await say({ type: "failed", message });
      throw new StartError({ message });
    }
  }

  /** Whether it still runs. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** @returns nothing where it has died meanwhile */
  greet(): Promise<Welcome | undefined> {
    return new Promise((resolve) => {
      this.#events = {
        onMessage: (message) => {
          if (message.type === "welcome") resolve(message);
        },
        onGone: () => resolve(undefined),
      };
      if (!this.#isThere) resolve(undefined);
      this.tell({ type: "hello", protocol: UPGRADE_PROTOCOL });
    });
  }

  /** After "welcome" it says nothing before it is told something. */
  listen(events: PredecessorEvents): void {
    this.#events = events;
  }

  tell(message: FromSuccessor): void {
    if (this.#isThere) say(message);
  }

  /** This master cannot become one: resolves when that is said. */
  async disappoint({ message }: Error): Promise<void> {
    if (this.#isThere) await say({ type: "failed", message });
  }

  /** This master leaves, or cannot become one. */
  close(): void {
    process.off("message", this.#onMessage);
    process.off("disconnect", this.#onDisconnect);
    if (process.connected) process.disconnect();
  }

  readonly #onMessage = (value: unknown, handle: unknown) => {
    const { success, data } = toSuccessorSchema.safeParse(value);
    if (success) this.#events?.onMessage(data, handle as RawHandle);
    // Whoever says such things has to hear why we cannot go on.
    else this.tell({ type: "failed", message: `not understood: ${value}` });
  };

  readonly #onDisconnect = () => {
    this.#isThere = false;
    this.#events?.onGone();
  };
}

/** One that dies meanwhile shows as "disconnect". */
function say(message: FromSuccessor): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, {}, () => resolve());
  });
}
