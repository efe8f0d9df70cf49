import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import type { WorkerMessage } from "../../shared/ipc-messages.ts";
import type { SuccessorEvent } from "../upgrade/successor-process.ts";
import type { WorkerHandle } from "./workers/worker-handle.ts";

export type StopKind = "terminate" | "interrupt" | "quit" | "now";

/**
 * All that can happen to the master. Signals, timers, workers and admin calls
 * put one of these into the queue, and do nothing else.
 */
export type Command =
  | { readonly type: "reload" }
  | {
      readonly type: "settingsLoaded";
      readonly loaded: LoadedSettings;
      /** The number of the reload that asked for them. */
      readonly request: number;
    }
  | {
      readonly type: "settingsRefused";
      readonly error: Error;
      readonly request: number;
    }
  | { readonly type: "upgrade" }
  /** Of the new master. */
  | { readonly type: "successor"; readonly event: SuccessorEvent }
  | { readonly type: "stop"; readonly how: StopKind }
  | { readonly type: "preStopDelayOver" }
  | { readonly type: "scale"; readonly by: 1 | -1 }
  | { readonly type: "scaleTo"; readonly workers: number }
  /** Log files have been renamed: new ones are to be begun. */
  | { readonly type: "reopenLogs" }
  /** No workers until the next reload. */
  | { readonly type: "pause" }
  | {
      readonly type: "workerMessage";
      readonly worker: WorkerHandle;
      readonly message: WorkerMessage;
    }
  | { readonly type: "workerGone"; readonly worker: WorkerHandle }
  /** Time has passed: whoever is late shows now. */
  | { readonly type: "tick" };
