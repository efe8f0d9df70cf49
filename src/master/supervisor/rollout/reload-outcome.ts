/**
 * How a reload went.
 *
 * - `success`: all workers are of its generation
 * - `failure`: a new worker failed; the generation before is what there is,
 *   or is on its way back
 * - `refused`: its settings were not valid, and nothing was begun
 * - `superseded`: a later reload took its place before it was done
 * - `stopped`: the server stopped before it was done
 */
export type ReloadResult =
  | "success"
  | "failure"
  | "refused"
  | "superseded"
  | "stopped";

export interface ReloadOutcome {
  readonly result: ReloadResult;
  /** The generation that it was to bring, if it came so far. */
  readonly generation?: number;
  readonly error?: string;
  /** Settings that are probably unintended or need a restart. */
  readonly warnings?: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

/** What those are told who wait until it is decided which workers there are. */
export interface ReloadEnd extends ReloadOutcome {
  /** The outcome is that of a later reload, which took its place. */
  readonly isSuperseded: boolean;
}
