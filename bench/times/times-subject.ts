/** A server with two workers whose replacement is timed. */
export interface TimesSubject {
  readonly name: string;
  /** What begins a reload; undefined where there is none. */
  readonly reloadedBy: string | undefined;
  /** Why it cannot run here; undefined where it can. */
  missing(): string | undefined;
  start(folder: string): Promise<RunningSubject>;
}

export interface RunningSubject {
  /** From what begins it to the last new worker ready. */
  reload?(): Promise<number>;
  /** From KILL to one worker, by its pid, to its successor ready. */
  killWorker(): Promise<number>;
  /** Ends it, and all that it has started. */
  stop(): Promise<void>;
}

export const WORKERS = 2;
