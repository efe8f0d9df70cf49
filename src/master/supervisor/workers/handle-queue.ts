/**
 * Sends messages to a process in order, some of them with a handle. Node sends
 * the next handle when the process has answered for the one before, and then
 * looks at all waiting messages again; so they wait here instead. Node's
 * runtime in the process gives that answer, so the process itself need not
 * acknowledge the handle in another message.
 *
 * Runs per connection.
 */
import type { ChildProcess, Serializable } from "node:child_process";
import type { MasterMessage, RawHandle } from "../../../shared/ipc-messages.ts";
import {
  handleAnswerOf,
  onInternalMessage,
} from "../../../shared/node-internals/internal-messages.ts";
import { wrap } from "../../../shared/node-internals/ipc-envelope.ts";

interface Waiting {
  readonly message: MasterMessage;
  readonly handle: RawHandle | undefined;
}

/** Tells whether the process received a message and its handle. */
export interface HandleEvents {
  /** The process has received the handle. */
  onTaken(message: MasterMessage): void;
  /**
   * The process has not received it, as when its descriptors ran out, nor the
   * message: the handle may be given to another one.
   */
  onRefused(message: MasterMessage): void;
}

/** The handle stays open here: it may be given to another process. */
const OPTIONS = { keepOpen: true };

export class HandleQueue {
  readonly #process: ChildProcess;
  readonly #events: HandleEvents;
  readonly #waiting: Waiting[] = [];
  /** The message whose handle has not been answered for. */
  #inFlight: MasterMessage | undefined;

  constructor(process: ChildProcess, events: HandleEvents) {
    this.#process = process;
    this.#events = events;
    onInternalMessage(process, (message) => {
      const answer = handleAnswerOf(message);
      if (answer) this.#onAnswer(answer === "taken");
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
        // The process cannot answer for a handle that was not sent.
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
