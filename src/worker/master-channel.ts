/**
 * The worker's end of the channel to its master. An app may call
 * `process.send()` too: its messages are dropped here, apart from those for the
 * app in other workers.
 *
 * Runs per connection.
 */
import { messageForOthers } from "../shared/app-messages.ts";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../shared/ipc-messages.ts";
import { HandleQueue } from "../shared/node-internals/handle-queue.ts";
import {
  isClusterMessage,
  onInternalMessage,
} from "../shared/node-internals/internal-messages.ts";
import { isEnvelope } from "../shared/node-internals/ipc-envelope.ts";
import { closeHandle } from "../shared/node-internals/listening-handle.ts";
import type { HandOver } from "./sticky/stray-connection.ts";

type Send = (message: unknown, ...rest: unknown[]) => boolean;
type OnHandBack = (message: HandOver, handle: RawHandle) => void;
type Closable = { destroy(): void };
type Callback = (error: Error | null) => void;

/** Characters for other workers that the system has not taken. */
const MAX_UNSENT_CHARS = 16 * 1024 * 1024;

export class MasterChannel {
  readonly #queue: HandleQueue<WorkerMessage> | undefined;
  readonly #onHandBack: OnHandBack;

  /** Of messages for other workers. */
  #unsentChars = 0;
  /** Resolves when the app has called `process.send("ready")`, as for pm2. */
  readonly whenAppIsReady: Promise<void>;

  /**
   * Replaces `process.send()`, to drop the messages of the app.
   *
   * @param onHandBack called when the master could not take a connection
   */
  constructor(onHandBack: OnHandBack) {
    this.#onHandBack = onHandBack;
    const send = process.send?.bind(process) as Send | undefined;
    let onReady = () => {};
    this.whenAppIsReady = new Promise((resolve) => {
      onReady = resolve;
    });
    if (!send) return;
    const queue = new HandleQueue<WorkerMessage>(process, send, {
      onTaken: (_, handle) => closeHandle(handle),
      onRefused: (message, handle) => onHandBack(message as HandOver, handle),
    });
    process.on("disconnect", () => queue.giveUp());
    this.#queue = queue;
    process.send = (...given) => {
      const [message] = given;
      if (message === "ready") onReady();
      const forOthers = messageForOthers(message);
      const isTaken = forOthers === undefined || this.#broadcast(forOthers);
      return sendOfApp(send, ...given) && isTaken;
    };
  }

  /** @returns false for a message that is lost: the master is behind */
  #broadcast(message: unknown): boolean {
    const json = JSON.stringify(message);
    if (this.#unsentChars + json.length > MAX_UNSENT_CHARS) return false;
    this.#unsentChars += json.length;
    this.send({ type: "broadcast", json }, () => {
      this.#unsentChars -= json.length;
    });
    return true;
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
  send(message: WorkerMessage, onSent?: () => void): void {
    this.#queue?.send(message, undefined, onSent);
  }

  /** Resolves when the message is on its way, or when it never will be. */
  sent(message: WorkerMessage): Promise<void> {
    if (!process.connected) return Promise.resolve();
    return new Promise((resolve) => this.send(message, resolve));
  }

  /** Gives a connection to the master. */
  handOver(message: HandOver, handle: RawHandle): void {
    const queue = process.connected ? this.#queue : undefined;
    if (queue) queue.send(message, handle);
    else this.#onHandBack(message, handle);
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
