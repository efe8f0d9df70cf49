import type { Target } from "./target.ts";

/** A way to attack a daemon from inside or outside. */
export interface Attack {
  readonly name: string;
  /** Description of one strike. */
  readonly summary: string;
  /** Limit on descriptors of each process; default: the limit of the tests. */
  readonly descriptorLimit?: number;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether well-behaved clients may lose requests during a strike, because
   * descriptors run out or a worker is killed for its message. After a strike
   * all requests must be answered in any case.
   */
  readonly mayLose: boolean;
  /**
   * Runs one round. Rejects if the daemon misbehaves.
   *
   * @param round from 0
   */
  strike(target: Target, round: number): Promise<void>;
}
