/**
 * - `success`: all workers are of the new generation;
 * - `failure`: a new worker failed, and the previous generation continues;
 * - `refused`: the settings were not valid, and nothing changed;
 * - `superseded`: a later reload replaced this one;
 * - `stopped`: the server stopped first.
 */
export type ReloadResult =
  | "success"
  | "failure"
  | "refused"
  | "superseded"
  | "stopped";

export interface ReloadOutcome {
  readonly result: ReloadResult;
  /** The new generation, if its rollout began. */
  readonly generation?: number;
  readonly error?: string;
  /** Settings that are probably unintended or need a restart. */
  readonly warnings?: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

/** The outcome for callers that wait until the target is decided. */
export interface ReloadEnd extends ReloadOutcome {
  /** Whether the outcome is that of a later reload. */
  readonly isSuperseded: boolean;
}
