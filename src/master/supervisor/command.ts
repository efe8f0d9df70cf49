import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import type { StackAnswer } from "../../shared/inspection/watchdog-channel.ts";
import type { WorkerMessage } from "../../shared/ipc-messages.ts";
import type { LogLevelName } from "../../shared/logging/line-facts.ts";
import type { IncomingEvent } from "../upgrade/incoming-master.ts";
import type { OutgoingEvent } from "../upgrade/outgoing-master.ts";
import type { InspectionRequest } from "./inspection/inspection-request.ts";
import type { WorkerHandle, WorkerUsage } from "./workers/worker-handle.ts";
import type { WatchdogEvent } from "./workers/worker-process.ts";

export type StopKind = "terminate" | "interrupt" | "quit" | "now";

/**
 * All events in the master. Signals, timers, other processes, admin calls and
 * the ends of asynchronous effects put one of these into the queue, and do
 * nothing else.
 */
export type Command =
  | { readonly type: "reload" }
  | {
      readonly type: "settingsLoaded";
      readonly loaded: LoadedSettings;
      /** Number of the reload that requested them. */
      readonly request: number;
    }
  | {
      readonly type: "settingsRefused";
      readonly error: Error;
      readonly request: number;
    }
  | { readonly type: "upgrade" }
  /** An upgrade in which this master is the outgoing one. */
  | { readonly type: "handOver"; readonly event: OutgoingEvent }
  /** The upgrade in which this master is the incoming one. */
  | { readonly type: "takeOver"; readonly event: IncomingEvent }
  | { readonly type: "stop"; readonly how: StopKind }
  /** An uncaught error: the state of the master is unknown. */
  | { readonly type: "fatal"; readonly error: unknown }
  | { readonly type: "preStopDelayOver" }
  | { readonly type: "scale"; readonly by: 1 | -1 }
  | { readonly type: "scaleTo"; readonly workers: number }
  /** The log file was renamed, so a new one must be opened. */
  | { readonly type: "reopenLogs" }
  /** Changes the level of the log for a time; undefined ends that. */
  | {
      readonly type: "setLogLevel";
      readonly level: LogLevelName | undefined;
      readonly forMs: number;
    }
  | { readonly type: "logLevelTimeout"; readonly change: number }
  /** Stops all workers until the next reload. */
  | { readonly type: "pause" }
  | {
      readonly type: "workerMessage";
      readonly worker: WorkerHandle;
      readonly message: WorkerMessage;
    }
  | {
      readonly type: "workerUsage";
      readonly worker: WorkerHandle;
      readonly usage: WorkerUsage;
    }
  | { readonly type: "workerGone"; readonly worker: WorkerHandle }
  /** Stacks of a worker about to be killed; undefined after the time-out. */
  | {
      readonly type: "stacks";
      readonly worker: WorkerHandle;
      readonly answer: StackAnswer | undefined;
    }
  /** A watchdog answers a question, or has sent a part of a result. */
  | {
      readonly type: "watchdogEvent";
      readonly worker: WorkerHandle;
      readonly event: WatchdogEvent;
      readonly data: Buffer | undefined;
    }
  | { readonly type: "inspect"; readonly request: InspectionRequest }
  /** The caller of an inspection has gone. */
  | { readonly type: "cancelInspection"; readonly id: number }
  | { readonly type: "closeInspector"; readonly slot: number }
  /** The keys of TLS session tickets have been renewed. */
  | { readonly type: "ticketKeys"; readonly ticketKeys: string }
  /** A timer fired: detects workers that are late. */
  | { readonly type: "tick" };
