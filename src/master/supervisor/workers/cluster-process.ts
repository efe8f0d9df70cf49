import type { ChildProcess } from "node:child_process";
import cluster, { type Worker as ClusterWorker } from "node:cluster";
import type { Socket } from "node:net";
import {
  WATCHDOG_FD,
  type WatchdogQuestion,
} from "../../../shared/inspection/watchdog-channel.ts";
import type { MasterMessage, RawHandle } from "../../../shared/ipc-messages.ts";
import { filterChannel } from "../../../shared/node-internals/child-channel.ts";
import {
  HandleQueue,
  type SendHandle,
} from "../../../shared/node-internals/handle-queue.ts";
import { isEnvelope } from "../../../shared/node-internals/ipc-envelope.ts";
import { WatchdogLink } from "./watchdog-link.ts";
import type {
  ForkProcess,
  ProcessEvents,
  WorkerProcess,
} from "./worker-process.ts";

/** Gives each worker a file for its recent lines. */
export interface RingFiles {
  /** Undefined if there is none. */
  open(): number | undefined;
  add(workerId: number, fd: number): void;
  discard(fd: number): void;
}

/** @param exec the file that a worker process runs */
export function clusterFork(exec: string, rings: RingFiles): ForkProcess {
  return (events) => {
    const ring = rings.open();
    try {
      // After the channel of Node.js: that of the watchdog, and the ring.
      const channels = ["ipc", "pipe", ring ?? "ignore"];
      const stdio = ["inherit", "inherit", "inherit", ...channels];
      cluster.setupPrimary({ exec, args: [], stdio });
      const worker = cluster.fork();
      if (ring !== undefined) rings.add(worker.id, ring);
      return new ClusterProcess(worker, events);
    } catch (error) {
      if (ring !== undefined) rings.discard(ring);
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

  askWatchdog(): void {}

  pauseWatchdog(): void {}

  resumeWatchdog(): void {}
}

class ClusterProcess implements WorkerProcess {
  readonly #worker: ClusterWorker;
  readonly #queue: HandleQueue<MasterMessage>;
  /** Undefined if the process could not be started. */
  readonly #watchdog: WatchdogLink | undefined;

  constructor(worker: ClusterWorker, events: ProcessEvents) {
    this.#worker = worker;
    const child = worker.process;
    const send = child.send.bind(child) as SendHandle;
    this.#queue = new HandleQueue(child, send, {
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
    const socket = child.stdio?.[WATCHDOG_FD] as Socket | undefined;
    this.#watchdog =
      socket &&
      new WatchdogLink(socket, (event, data) => {
        events.onWatchdog(event, data);
      });
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

  askWatchdog(question: WatchdogQuestion): void {
    this.#watchdog?.ask(question);
  }

  pauseWatchdog(): void {
    this.#watchdog?.pause();
  }

  resumeWatchdog(): void {
    this.#watchdog?.resume();
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

export interface ChannelEvents {
  /**
   * A message in our envelope, not checked.
   *
   * @param handle open, if it is one of a socket
   */
  onMessage(message: unknown, handle: RawHandle | undefined): void;
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
      const raw = rawHandle(handle);
      if (!isOurs || !raw) closeUnused(handle);
      if (isOurs) events.onMessage(message.message, raw);
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

/** A handle as Node passes it without a socket or a server around it. */
function rawHandle(handle: unknown): RawHandle | undefined {
  const isRaw = handle instanceof Object && "readStart" in handle;
  return isRaw ? handle : undefined;
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
