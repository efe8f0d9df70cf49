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
import type { MasterMessage, RawHandle } from "../shared/ipc-messages.ts";

/** Not documented; the event is as old as handles over IPC. */
interface InternalMessages {
  on(
    event: "internalMessage",
    listener: (message: { readonly cmd?: string }) => void,
  ): void;
}

interface Waiting {
  readonly message: MasterMessage;
  readonly handle: RawHandle | undefined;
}

/** The handle is still needed here: it may go to another process. */
const OPTIONS = { keepOpen: true };

export class HandleQueue {
  readonly #process: ChildProcess;
  readonly #onTaken: (message: MasterMessage) => void;
  readonly #waiting: Waiting[] = [];
  /** The message whose handle is on its way. */
  #inFlight: MasterMessage | undefined;

  /** @param onTaken the process has the handle of that message */
  constructor(
    process: ChildProcess,
    onTaken: (message: MasterMessage) => void,
  ) {
    this.#process = process;
    this.#onTaken = onTaken;
    (process as InternalMessages).on("internalMessage", ({ cmd }) => {
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
      message as Serializable,
      handle as Parameters<ChildProcess["send"]>[1],
      OPTIONS,
      (error) => {
        // What was not sent is not answered.
        if (error && handle) this.#goOn(message);
      },
    );
  }

  #onAnswer(isTaken: boolean): void {
    const message = this.#inFlight;
    if (!message) return;
    // Without it, as where descriptors ran out, it is still ours to give.
    if (isTaken) this.#onTaken(message);
    this.#goOn(message);
  }

  #goOn(answered: MasterMessage): void {
    if (this.#inFlight !== answered) return;
    this.#inFlight = undefined;
    while (!this.#inFlight) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#send(next);
    }
  }
}
