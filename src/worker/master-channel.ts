/**
 * The worker's end of the channel to its master. An app has `process.send()`
 * too, and speaks to a parent that is not there: what it says stays here, so
 * that the master need not read it.
 *
 * Runs per connection.
 */
import { INTERNAL_MESSAGE, isEnvelope, wrap } from "../shared/ipc-envelope.ts";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../shared/ipc-messages.ts";

type Send = (message: unknown, ...rest: unknown[]) => boolean;
type Closable = { destroy(): void };
type Callback = (error: Error | null) => void;

/** Marks messages of Node's cluster module: an app's servers need them. */
const CLUSTER_CMD = "NODE_CLUSTER";

export class MasterChannel {
  readonly #send = process.send?.bind(process) as Send | undefined;

  /** Takes the app its way to the master. */
  constructor() {
    const send = this.#send;
    if (send) process.send = (...given) => sendOfApp(send, ...given);
  }

  onMessage(
    listener: (message: MasterMessage, handle: RawHandle) => void,
  ): void {
    const listen = (value: unknown, handle: unknown) => {
      if (!isEnvelope(value)) return; // Node's own
      listener(value.message as MasterMessage, handle as RawHandle);
    };
    process.on(INTERNAL_MESSAGE as "message", listen);
  }

  /** @param onSent also where that failed: "disconnect" follows */
  send(message: WorkerMessage, onSent: () => void = () => {}): void {
    this.#send?.(wrap(message), undefined, {}, onSent);
  }
}

/** Behaves for the app as if its parent got its messages and ignored them. */
function sendOfApp(send: Send, ...given: Parameters<Send>): boolean {
  const [message, handle] = given;
  const isOfNode = (message as { cmd?: unknown } | null)?.cmd === CLUSTER_CMD;
  // Without a message, or a parent, Node says what is wrong.
  if (isOfNode || message === undefined || !process.connected) {
    return send(...given);
  }
  const callback = given.findLast((each) => typeof each === "function");
  // A socket that is sent is closed here; a server goes on.
  (handle as Partial<Closable> | null | undefined)?.destroy?.();
  if (callback) process.nextTick(callback as Callback, null);
  return true;
}
