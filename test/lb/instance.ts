/** A server behind a balancer, with all its processes. */
export interface Instance {
  /** Number in the field X-Instance of its responses, from 1. */
  readonly number: number;
  /** Resolves when it is ready. */
  start(): Promise<void>;
  /** Stops gracefully; resolves when all its processes have exited. */
  stop(): Promise<void>;
  /** Sends KILL to all processes at once; resolves when they have exited. */
  kill(): Promise<void>;
}
