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

  /** Replaces `process.send()`: from now on it reaches nobody. */
  constructor() {
    const send = this.#send;
    if (send) process.send = (...given) => sendOfApp(send, ...given);
  }

  onMessage(
    listener: (message: MasterMessage, handle: RawHandle) => void,
  ): void {
    onInternalMessage(process, (value, handle) => {
      if (!isEnvelope(value)) return; // Node's own
      listener(value.message as MasterMessage, handle as RawHandle);
    });
  }

  /** @param onSent also where that failed: "disconnect" follows */
  send(message: WorkerMessage, onSent: () => void = () => {}): void {
    this.#send?.(wrap(message), undefined, {}, onSent);
  }
}

/** Behaves for the app as if its parent got its messages and ignored them. */
function sendOfApp(send: Send, ...given: Parameters<Send>): boolean {
  const [message, handle] = given;
  // An app's own servers need the cluster module's messages. Without a
  // message, or a parent, Node reports what is wrong.
  const isForNode = isClusterMessage(message) || message === undefined;
  if (isForNode || !process.connected) {
    return send(...given);
  }
  const callback = given.findLast((each) => typeof each === "function");
  // Node closes a socket that is sent; a server goes on.
  (handle as Partial<Closable> | null | undefined)?.destroy?.();
  if (callback) process.nextTick(callback as Callback, null);
  return true;
}
