/** Where an instance runs, and how it is reached from here. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  /** Of the check by HAProxy that asks how much it may send. */
  readonly agentPort: number;
  /** A program, with arguments, that starts a command there. */
  readonly launcher: readonly string[];
}

/** Where a fleet runs. */
export interface Network {
  /** For the report. */
  readonly description: string;
  readonly places: readonly Place[];
  /** Nothing of it is left; what still runs in it is killed. */
  close(): void;
}
