import cluster, { type Worker as ClusterWorker } from "node:cluster";
import type { Socket } from "node:net";
import type { MasterMessage, RawHandle } from "../../../shared/ipc-messages.ts";
import {
  ASK_FOR_STACKS,
  type StackAnswer,
  WATCHDOG_FD,
} from "../../../shared/watchdog-channel.ts";
import { guardChannel } from "./channel-guard.ts";
import { HandleQueue } from "./handle-queue.ts";
import type {
  ForkProcess,
  ProcessEvents,
  WorkerProcess,
} from "./worker-process.ts";

/** @param exec the file that a worker process runs */
export function clusterFork(exec: string): ForkProcess {
  // The last one is the channel of the watchdog.
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

/** Stands for the process where `fork` throws, as when memory is short. */
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
    // Without a process, as when descriptors run out, there is no "exit". For
    // a broken channel there is "disconnect".
    worker.on("error", (error) => {
      if (this.pid === 0) events.onForkFailed(error);
    });
    // It must not keep the master alive, nor end it; its end must be read.
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

  send(message: MasterMessage, handle?: RawHandle): void {
    if (this.#worker.isConnected()) this.#queue.send(message, handle);
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

  /** `worker.kill()` would disconnect first, and may never kill. */
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
