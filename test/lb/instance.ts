/** What a balancer sends requests to: a server with all its processes. */
export interface Instance {
  /** In the field X-Instance of its answers; from 1. */
  readonly number: number;
  /** Resolves when it is ready. */
  start(): Promise<void>;
  /** Gracefully; resolves when nothing of it is left. */
  stop(): Promise<void>;
  /** KILL to all its processes at once; resolves when they are gone. */
  kill(): Promise<void>;
}
