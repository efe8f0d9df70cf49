import cluster, { type Worker as ClusterWorker } from "node:cluster";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../shared/ipc-messages.ts";
import type {
  ForkProcess,
  ProcessEvents,
  WorkerProcess,
} from "./worker-process.ts";

/** @param exec the file that a worker process runs */
export function clusterFork(exec: string): ForkProcess {
  cluster.setupPrimary({ exec, args: [] });
  return (events) => new ClusterProcess(cluster.fork(), events);
}

class ClusterProcess implements WorkerProcess {
  readonly #worker: ClusterWorker;

  constructor(worker: ClusterWorker, events: ProcessEvents) {
    this.#worker = worker;
    worker.on("message", (message: WorkerMessage) => {
      events.onMessage(message);
    });
    worker.on("exit", (code, signal) => {
      events.onExit({ code, signal: signal as NodeJS.Signals | null });
    });
    worker.on("disconnect", () => events.onDisconnect());
    // A channel that breaks shows as "disconnect".
    worker.on("error", () => {});
  }

  get id(): number {
    return this.#worker.id;
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  send(message: MasterMessage, handle?: RawHandle): void {
    if (!this.#worker.isConnected()) return;
    type Sendable = Parameters<ClusterWorker["send"]>[1];
    const options = { keepOpen: true };
    this.#worker.send(message, handle as Sendable, options, () => {});
  }

  /** `worker.kill()` would disconnect first and may never kill. */
  kill(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      // It is gone already, and its exit is on the way.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
