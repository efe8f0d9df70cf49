/** What a daemon says to who told it to do something. */

export type ControlAction =
  | "reload"
  | "upgrade"
  | "scale"
  | "stop"
  | "reopenLogs";

/** How it went. */
export interface ControlOutcome {
  readonly action: ControlAction;
  /**
   * `begun`: it is under way, and nobody waits for the end. `refused`: it was
   * not begun. `failure`: it was, and things are again as they were before.
   */
  readonly result: "begun" | "success" | "failure" | "refused";
  /** Why, of a `failure` and what was `refused`. */
  readonly error?: string;
  /** Reload only: settings that are probably unintended or need a restart. */
  readonly warnings?: readonly string[];
  /** Of a reload: which workers there should be now. */
  readonly generation?: number;
  /** A later reload took the place of this one; the outcome is its. */
  readonly isSuperseded?: boolean;
  /** Of a change of scale: how many workers there should be now. */
  readonly workers?: number;
  /** Of an upgrade: the new master. */
  readonly pid?: number;
}

/** A worker that became ready while somebody waits. */
export interface ControlProgress {
  readonly slot: number;
  readonly pid: number;
  readonly generation: number;
  /** Workers that are as they should be, and how many there should be. */
  readonly ready: number;
  readonly wanted: number;
}

/** One line of an answer that shows progress; the outcome is the last. */
export type ControlLine =
  | { readonly progress: ControlProgress }
  | { readonly outcome: ControlOutcome };
