import type { ChildProcess, Serializable } from "node:child_process";
import cluster, { type Worker as ClusterWorker } from "node:cluster";
import type { Socket } from "node:net";
import type { MasterMessage, RawHandle } from "../../../shared/ipc-messages.ts";
import { filterChannel } from "../../../shared/node-internals/child-channel.ts";
import {
  handleAnswerOf,
  onInternalMessage,
} from "../../../shared/node-internals/internal-messages.ts";
import {
  isEnvelope,
  wrap,
} from "../../../shared/node-internals/ipc-envelope.ts";
import {
  ASK_FOR_STACKS,
  type StackAnswer,
  WATCHDOG_FD,
} from "../../../shared/watchdog-channel.ts";
import type {
  ForkProcess,
  ProcessEvents,
  WorkerProcess,
} from "./worker-process.ts";

/** @param exec the file that a worker process runs */
export function clusterFork(exec: string): ForkProcess {
  // The last one is the watchdog's channel.
  const stdio = ["inherit", "inherit", "inherit", "ipc", "pipe"];
  cluster.setupPrimary({ exec, args: [], stdio });
  return (events) => {
    try {
      return new ClusterProcess(cluster.fork(), events);
    } catch (error) {
      process.nextTick(() => events.onForkFailed(error as Error));
      return new NoProcess();
    }
  };
}

/** Replaces the process if `fork` throws, for example when memory is short. */
class NoProcess implements WorkerProcess {
  static #count = 0;
  /** The ids of cluster are positive. */
  readonly id = --NoProcess.#count;
  readonly pid = 0;

  send(): void {}

  kill(): void {}

  askForStacks(): void {}
}

class ClusterProcess implements WorkerProcess {
  readonly #worker: ClusterWorker;
  readonly #queue: HandleQueue;

  constructor(worker: ClusterWorker, events: ProcessEvents) {
    this.#worker = worker;
    this.#queue = new HandleQueue(worker.process, {
      onTaken: (message) => {
        if (message.type === "connection") events.onArrived(message.id);
      },
      onRefused: (message) => {
        if (message.type === "connection") events.onRefused(message.id);
      },
    });
    guardChannel(worker.process, events);
    worker.on("exit", (code, signal) => {
      events.onExit({ code, signal: signal as NodeJS.Signals | null });
    });
    worker.on("disconnect", () => events.onDisconnect());
    // Without a process, for example when descriptors run out, there is no
    // "exit". A broken channel emits "disconnect".
    worker.on("error", (error) => {
      if (this.pid === 0) events.onForkFailed(error);
    });
    // It must neither keep the master alive nor end it, and its EOF must be
    // read.
    this.#watchdog
      ?.on("error", () => {})
      .resume()
      .unref();
  }

  get id(): number {
    return this.#worker.id;
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  send(message: MasterMessage, handle?: RawHandle, onSent?: () => void): void {
    if (this.#worker.isConnected()) this.#queue.send(message, handle, onSent);
  }

  askForStacks(onAnswer: (answer: StackAnswer) => void): void {
    const watchdog = this.#watchdog;
    if (!watchdog?.writable) return;
    let text = "";
    const onData = (chunk: Buffer) => {
      text += chunk;
      if (!text.endsWith("\n")) return;
      watchdog.off("data", onData);
      onAnswer(answerIn(text));
    };
    watchdog.on("data", onData);
    watchdog.write(ASK_FOR_STACKS);
  }

  get #watchdog(): Socket | undefined {
    return this.#worker.process.stdio?.[WATCHDOG_FD] as Socket | undefined;
  }

  /** `worker.kill()` would disconnect first, and might never kill. */
  kill(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      // The process is gone; its "exit" follows.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function answerIn(text: string): StackAnswer {
  try {
    return JSON.parse(text);
  } catch {
    return { stacks: [] }; // the app wrote to the watchdog's channel
  }
}

export interface ChannelEvents {
  /** A message in our envelope, not checked. */
  onMessage(message: unknown): void;
  /** The channel is not read any further. */
  onBroken(why: string): void;
}

/** In characters; a worker with 100,000 routes needs a third. */
const MAX_MESSAGE_CHARS = 64 * 1024 * 1024;

/**
 * Guards the master's end of the channel to a worker. The app shares the
 * channel: its messages to a parent are dropped, and corrupted messages of Node
 * or corrupted bytes must not cause a throw here. Runs per connection.
 */
export function guardChannel(child: ChildProcess, events: ChannelEvents): void {
  let isBroken = false;
  const onError = (error: unknown) => {
    if (isBroken) return;
    isBroken = true;
    events.onBroken((error as Error).message);
  };
  filterChannel(child, {
    onMessage(isInternal, message, handle) {
      const isOurs = !isBroken && isInternal && isEnvelope(message);
      if (isInternal && !isBroken && !isOurs) return false; // Node's own
      closeUnused(handle);
      if (isOurs) events.onMessage(message.message);
      return true;
    },
    mayParse: () => !isBroken,
    onParsed(unfinishedChars) {
      if (unfinishedChars <= MAX_MESSAGE_CHARS) return;
      onError(new Error(`a message is longer than ${MAX_MESSAGE_CHARS}`));
    },
    onError,
  });
}

/** Closes a received socket, or a received server that has begun to listen. */
function closeUnused(handle: unknown): void {
  const { destroy, close } = (handle ?? {}) as {
    destroy?: () => void;
    close?: () => void;
  };
  if (destroy) destroy.call(handle);
  else close?.call(handle);
}

interface Waiting {
  readonly message: MasterMessage;
  readonly handle: RawHandle | undefined;
  readonly onSent: (() => void) | undefined;
}

/** Reports whether the process received a message and its handle. */
export interface HandleEvents {
  /** The process has received the handle. */
  onTaken(message: MasterMessage): void;
  /**
   * The process received neither the handle nor the message, for example when
   * its descriptors ran out. The handle may be sent to another process.
   */
  onRefused(message: MasterMessage): void;
}

/** Keeps the handle open here, because it may be sent to another process. */
const OPTIONS = { keepOpen: true };

/**
 * Sends messages to a process in order, some of them with a handle. Node sends
 * the next handle when the process has answered the one before, and then scans
 * all waiting messages again; so they wait here instead. Node's runtime in the
 * process sends that answer, so the process need not acknowledge the handle in
 * another message. Runs per connection.
 */
export class HandleQueue {
  readonly #process: ChildProcess;
  readonly #events: HandleEvents;
  readonly #waiting: Waiting[] = [];
  /** The message whose handle has not been answered. */
  #inFlight: MasterMessage | undefined;

  constructor(process: ChildProcess, events: HandleEvents) {
    this.#process = process;
    this.#events = events;
    onInternalMessage(process, (message) => {
      const answer = handleAnswerOf(message);
      if (answer) this.#onAnswer(answer === "taken");
    });
  }

  send(message: MasterMessage, handle?: RawHandle, onSent?: () => void): void {
    if (this.#inFlight) this.#waiting.push({ message, handle, onSent });
    else this.#send({ message, handle, onSent });
  }

  #send({ message, handle, onSent }: Waiting): void {
    if (handle) this.#inFlight = message;
    this.#process.send(
      wrap(message) as Serializable,
      handle as Parameters<ChildProcess["send"]>[1],
      OPTIONS,
      (error) => {
        // The process cannot answer for an unsent handle.
        if (error && this.#inFlight === message) this.#onAnswer(false);
        onSent?.();
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
