/** Answers of a daemon to control commands. */

export type ControlAction =
  | "reload"
  | "upgrade"
  | "scale"
  | "stop"
  | "reopenLogs"
  | "logLevel"
  | "logs";

/** Looks into a worker. */
export type InspectionAction =
  | "profile"
  | "heapProfile"
  | "heapSnapshot"
  | "stacks"
  | "inspect";

/** Result of a control action. */
export interface ControlOutcome {
  readonly action: ControlAction | InspectionAction;
  /**
   * `begun`: the action has started, and the client does not wait for its end.
   * `refused`: it was not started. `failure`: it failed and was rolled back.
   */
  readonly result: "begun" | "success" | "failure" | "refused";
  /** Reason for `failure` or `refused`. */
  readonly error?: string;
  /** Reload only: settings that are probably unintended or need a restart. */
  readonly warnings?: readonly string[];
  /** Reload only: the target generation. */
  readonly generation?: number;
  /** Whether a later reload replaced this one; the outcome is that of it. */
  readonly isSuperseded?: boolean;
  /** Scale only: target number of workers. */
  readonly workers?: number;
  /** Log level only: the level, and that of the settings. */
  readonly level?: string;
  readonly configured?: string;
  /** Upgrade only: pid of the new master. */
  readonly pid?: number;
}

/** Result of "inspect". */
export interface InspectorOutcome extends ControlOutcome {
  readonly slot?: number;
  /** WebSocket address of the open inspector. */
  readonly url?: string;
}

/** Result of "stacks". */
export interface StacksOutcome extends ControlOutcome {
  readonly stacks?: readonly WorkerStack[];
}

/** The functions that a worker is executing. */
export interface WorkerStack {
  readonly slot: number;
  readonly pid: number;
  readonly state: string;
  readonly heartbeatAgeSeconds: number;
  /**
   * Frames "name (file:line:column)", innermost first; none if the worker runs
   * no JavaScript.
   */
  readonly stack: readonly string[];
  /** Reason why the stack is not known. */
  readonly error?: string;
}

/** A step of a recording, or of a heap snapshot. */
export type InspectionProgress =
  | {
      readonly step: "chosen";
      readonly slot: number;
      readonly pid: number;
      readonly memoryBytes: number;
    }
  | { readonly step: "begun" }
  /** Parts of the heap that have been read. */
  | {
      readonly step: "reading";
      readonly done: number;
      readonly total: number;
    }
  | { readonly step: "taken"; readonly seconds: number };

/**
 * Line of a frame in the answer to a recording. `bytes` is the length of a part
 * of the file, which follows the line. The outcome is the last line.
 */
export type InspectionLine =
  | { readonly inspection: InspectionProgress }
  | { readonly bytes: number }
  | { readonly outcome: ControlOutcome };

/** A worker became ready during an action. */
export interface ControlProgress {
  readonly slot: number;
  readonly pid: number;
  readonly generation: number;
  /** Ready workers of the current generation, and the target number. */
  readonly ready: number;
  readonly wanted: number;
}

/** One line of an answer with progress; the outcome is the last line. */
export type ControlLine =
  | { readonly progress: ControlProgress }
  | { readonly outcome: ControlOutcome };
