/**
 * Messages to a process, some of them with a handle, in order. Node sends the
 * next handle when the process has the one before, and with each answer goes
 * through all that wait anew; here they wait outside. Its answer is that of
 * Node's runtime in the process, as its own cluster module hears it, so the
 * process itself need not say the same in another message.
 *
 * Runs per connection.
 */
import type { ChildProcess, Serializable } from "node:child_process";
import { INTERNAL_MESSAGE, wrap } from "../../../shared/ipc-envelope.ts";
import type { MasterMessage, RawHandle } from "../../../shared/ipc-messages.ts";

/** Not documented; the event is as old as handles over IPC. */
interface InternalMessages {
  on(
    event: typeof INTERNAL_MESSAGE,
    listener: (message: { readonly cmd?: string }) => void,
  ): void;
}

interface Waiting {
  readonly message: MasterMessage;
  readonly handle: RawHandle | undefined;
}

/** Tells whether the process received a message and its handle. */
export interface HandleEvents {
  /** The process has the handle. */
  onTaken(message: MasterMessage): void;
  /**
   * It has not, as where its descriptors ran out, and the message is lost to
   * it: the handle is still ours to give.
   */
  onRefused(message: MasterMessage): void;
}

/** The handle is still needed here: it may go to another process. */
const OPTIONS = { keepOpen: true };

export class HandleQueue {
  readonly #process: ChildProcess;
  readonly #events: HandleEvents;
  readonly #waiting: Waiting[] = [];
  /** The message whose handle is on its way. */
  #inFlight: MasterMessage | undefined;

  constructor(process: ChildProcess, events: HandleEvents) {
    this.#process = process;
    this.#events = events;
    (process as InternalMessages).on(INTERNAL_MESSAGE, ({ cmd }) => {
      if (cmd === "NODE_HANDLE_ACK") this.#onAnswer(true);
      else if (cmd === "NODE_HANDLE_NACK") this.#onAnswer(false);
    });
  }

  send(message: MasterMessage, handle?: RawHandle): void {
    if (this.#inFlight) this.#waiting.push({ message, handle });
    else this.#send({ message, handle });
  }

  #send({ message, handle }: Waiting): void {
    if (handle) this.#inFlight = message;
    this.#process.send(
      wrap(message) as Serializable,
      handle as Parameters<ChildProcess["send"]>[1],
      OPTIONS,
      (error) => {
        // What was not sent is not answered.
        if (error && this.#inFlight === message) this.#onAnswer(false);
      },
    );
  }

  #onAnswer(isTaken: boolean): void {
    const message = this.#inFlight;
    if (!message) return;
    this.#inFlight = undefined;
    this.#goOn();
    if (isTaken) this.#events.onTaken(message);
    else this.#events.onRefused(message);
  }

  #goOn(): void {
    while (!this.#inFlight) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#send(next);
    }
  }
}
