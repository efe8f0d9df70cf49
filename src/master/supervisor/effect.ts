import type { WatchdogQuestion } from "../../shared/inspection/watchdog-channel.ts";
import type { MasterMessage, RouteInfo } from "../../shared/ipc-messages.ts";
import type { BindRequest } from "../../shared/program-listener.ts";
import type { IncomingEffect } from "../upgrade/incoming-master.ts";
import type { OutgoingEffect } from "../upgrade/outgoing-master.ts";
import type { Command } from "./command.ts";
import type { InspectionEvent } from "./inspection/inspection-request.ts";
import type { ReloadOutcome } from "./rollout/reload-outcome.ts";
import type { WorkerHandle } from "./workers/worker-handle.ts";

/** The process that keeps the listening sockets of this one. */
export type SocketOwner = "none" | "incomingMaster" | "outgoingMaster";

/**
 * The effect of a decision on the other parts of the master. The supervisor
 * itself forks and kills workers, logs and counts; everything else is one of
 * these.
 */
export type Effect =
  // --- workers
  | {
      readonly type: "bootWorker";
      readonly worker: WorkerHandle;
      readonly folder: string | undefined;
      /** Whether it accepts clients on shared sockets once it is ready. */
      readonly mayAccept: boolean;
    }
  | {
      readonly type: "workerReady";
      readonly worker: WorkerHandle;
      readonly routes: readonly RouteInfo[];
      /** Whether it serves the configured listeners. */
      readonly hasApp: boolean;
    }
  /** Opens a listener for a worker, and tells it the outcome. */
  | {
      readonly type: "bindListener";
      readonly worker: WorkerHandle;
      readonly request: BindRequest;
    }
  | {
      readonly type: "unbindListener";
      readonly worker: WorkerHandle;
      readonly listener: number;
    }
  /** Stops connections to a worker that is about to be killed or stopped. */
  | { readonly type: "withdrawWorker"; readonly worker: WorkerHandle }
  /** Sends connections to a worker again, after "withdrawWorker". */
  | { readonly type: "restoreWorker"; readonly worker: WorkerHandle }
  | {
      readonly type: "askWatchdog";
      readonly worker: WorkerHandle;
      readonly question: WatchdogQuestion;
    }
  /** Tells the caller of an inspection. */
  | {
      readonly type: "reportInspection";
      readonly id: number;
      readonly worker: WorkerHandle | undefined;
      readonly event: InspectionEvent;
    }
  /** Stops connections to a worker, then tells it to drain. */
  | { readonly type: "drainWorker"; readonly worker: WorkerHandle }
  /** Ends with the command "stacks", which may arrive twice. */
  | {
      readonly type: "askForStacks";
      readonly worker: WorkerHandle;
      readonly timeoutMs: number;
    }
  | { readonly type: "workerGone"; readonly worker: WorkerHandle }
  | { readonly type: "tellWorkers"; readonly message: MasterMessage }
  // --- reloads
  /** Ends with the command "settingsLoaded" or "settingsRefused". */
  | { readonly type: "readSettings"; readonly request: number }
  | { readonly type: "reloading" }
  | { readonly type: "reloadEnded"; readonly outcome: ReloadOutcome }
  /** All workers are of one generation again. */
  | { readonly type: "rolloutOver" }
  | { readonly type: "reopenLogs" }
  // --- start and stop
  /** All workers are ready for the first time. */
  | { readonly type: "started"; readonly workers: number }
  /** The server stops; after `maxMs` its workers cut remaining connections. */
  | { readonly type: "stopping"; readonly maxMs: number }
  /** Stops accepting connections. */
  | { readonly type: "closeListeners"; readonly nextOwner: SocketOwner }
  | { readonly type: "stopped"; readonly exitCode: number }
  | {
      readonly type: "later";
      readonly afterMs: number;
      readonly command: Command;
    }
  | IncomingEffect
  | OutgoingEffect;
