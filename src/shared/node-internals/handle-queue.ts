/**
 * Sends messages to the other end of an IPC channel in order, some of them with
 * a handle. Node sends the next handle when the other end has answered the one
 * before, and then scans all waiting messages again; so they wait here instead.
 * Node's runtime at the other end sends that answer, so the process need not
 * acknowledge the handle in another message.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents that handles
 * can be sent, and not when they have arrived.
 *
 * Runs per connection.
 */
import type { ChildProcess } from "node:child_process";
import type { RawHandle } from "../ipc-messages.ts";
import { handleAnswerOf, onInternalMessage } from "./internal-messages.ts";
import { wrap } from "./ipc-envelope.ts";

/** `send()` of either end of the channel. */
export type SendHandle = (
  message: object,
  handle: RawHandle | undefined,
  options: object,
  callback: (error: Error | null) => void,
) => unknown;

interface Waiting<Message> {
  readonly message: Message;
  readonly handle: RawHandle | undefined;
  readonly onSent: (() => void) | undefined;
}

/** Reports whether the other end received a message and its handle. */
export interface HandleEvents<Message> {
  /** The other end has received the handle. */
  onTaken(message: Message, handle: RawHandle): void;
  /**
   * It received neither the handle nor the message, for example when its
   * descriptors ran out. The handle may be sent to another process.
   */
  onRefused(message: Message, handle: RawHandle): void;
}

/** Keeps the handle open here, because it may be sent to another process. */
const OPTIONS = { keepOpen: true };

export class HandleQueue<Message extends object> {
  readonly #send: SendHandle;
  readonly #events: HandleEvents<Message>;
  readonly #waiting: Waiting<Message>[] = [];
  /** The message whose handle has not been answered. */
  #inFlight: Waiting<Message> | undefined;

  /** @param send that of the channel's end */
  constructor(
    end: ChildProcess | NodeJS.Process,
    send: SendHandle,
    events: HandleEvents<Message>,
  ) {
    this.#send = send;
    this.#events = events;
    onInternalMessage(end, (message) => {
      const answer = handleAnswerOf(message);
      if (answer) this.#onAnswer(answer === "taken");
    });
  }

  send(message: Message, handle?: RawHandle, onSent?: () => void): void {
    const next = { message, handle, onSent };
    if (this.#inFlight) this.#waiting.push(next);
    else this.#sendNow(next);
  }

  /** The channel is closed: no handle that waits will be taken. */
  giveUp(): void {
    const unsent = this.#waiting.splice(0);
    this.#onAnswer(false);
    for (const { message, handle, onSent } of unsent) {
      if (handle) this.#events.onRefused(message, handle);
      onSent?.();
    }
  }

  #sendNow(next: Waiting<Message>): void {
    const { message, handle, onSent } = next;
    if (handle) this.#inFlight = next;
    this.#send(wrap(message), handle, OPTIONS, (error) => {
      // The other end cannot answer for an unsent handle.
      if (error && this.#inFlight === next) this.#onAnswer(false);
      onSent?.();
    });
  }

  #onAnswer(isTaken: boolean): void {
    const { message, handle } = this.#inFlight ?? {};
    if (!message || !handle) return;
    this.#inFlight = undefined;
    this.#goOn();
    if (isTaken) this.#events.onTaken(message, handle);
    else this.#events.onRefused(message, handle);
  }

  #goOn(): void {
    while (!this.#inFlight) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#sendNow(next);
    }
  }
}
