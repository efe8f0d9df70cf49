import type { Target } from "./target.ts";

/** A way to attack a daemon from inside or outside. */
export interface Attack {
  readonly name: string;
  /** Description of one strike. */
  readonly summary: string;
  /** Limit on descriptors of each process; default: that of the tests. */
  readonly descriptorLimit?: number;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether well-behaved clients may lose requests during a strike: because
   * the descriptors are used up, or because a worker is killed for what it
   * said. Afterwards all must be answered, whatever this says.
   */
  readonly mayLose: boolean;
  /**
   * One round. Rejects where the daemon did not do what it should.
   *
   * @param round from 0
   */
  strike(target: Target, round: number): Promise<void>;
}
