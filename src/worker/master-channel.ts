/**
 * The worker's end of the channel to its master. An app may call
 * `process.send()` too: its messages are dropped here, because the master has
 * no use for them.
 *
 * Runs per connection.
 */
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../shared/ipc-messages.ts";
import {
  isClusterMessage,
  onInternalMessage,
} from "../shared/node-internals/internal-messages.ts";
import { isEnvelope, wrap } from "../shared/node-internals/ipc-envelope.ts";

type Send = (message: unknown, ...rest: unknown[]) => boolean;
type Closable = { destroy(): void };
type Callback = (error: Error | null) => void;

export class MasterChannel {
  readonly #send = process.send?.bind(process) as Send | undefined;

  /** Resolves when the app has called `process.send("ready")`, as for pm2. */
  readonly whenAppIsReady: Promise<void>;

  /** Replaces `process.send()`, to drop the messages of the app. */
  constructor() {
    const send = this.#send;
    let onReady = () => {};
    this.whenAppIsReady = new Promise((resolve) => {
      onReady = resolve;
    });
    if (!send) return;
    process.send = (...given) => {
      if (given[0] === "ready") onReady();
      return sendOfApp(send, ...given);
    };
  }

  onMessage(
    listener: (message: MasterMessage, handle: RawHandle) => void,
  ): void {
    onInternalMessage(process, (value, handle) => {
      if (!isEnvelope(value)) return; // a message of Node.js
      listener(value.message as MasterMessage, handle as RawHandle);
    });
  }

  /** @param onSent also called on failure; "disconnect" follows then */
  send(message: WorkerMessage, onSent: () => void = () => {}): void {
    this.#send?.(wrap(message), undefined, {}, onSent);
  }
}

/** Behaves as if the parent received the message and ignored it. */
function sendOfApp(send: Send, ...given: Parameters<Send>): boolean {
  const [message, handle] = given;
  // Servers of the app need the messages of the cluster module. Without a
  // message or a parent, Node.js reports the error.
  const isForNode = isClusterMessage(message) || message === undefined;
  if (isForNode || !process.connected) {
    return send(...given);
  }
  const callback = given.findLast((each) => typeof each === "function");
  // Node.js closes a socket after sending it; a server stays open.
  (handle as Partial<Closable> | null | undefined)?.destroy?.();
  if (callback) process.nextTick(callback as Callback, null);
  return true;
}
