/** Location of an instance, and its addresses. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  /** Port of HAProxy's agent check. */
  readonly agentPort: number;
  /** A program, with arguments, that starts a command in this place. */
  readonly launcher: readonly string[];
}

/** Network of a fleet. */
export interface Network {
  /** Text for the report. */
  readonly description: string;
  readonly places: readonly Place[];
  /** Removes the network and kills the processes in it. */
  close(): void;
}
