/** Answers of a daemon to control commands. */

export type ControlAction =
  | "reload"
  | "upgrade"
  | "scale"
  | "stop"
  | "reopenLogs"
  | "logLevel"
  | "logs";

/** Result of a control action. */
export interface ControlOutcome {
  readonly action: ControlAction;
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
