/**
 * Whether workers fail so often that nobody should rely on the pool. Each
 * slot waits for itself (`backoffMs`); this is about all of them.
 *
 *   well ─► degraded   `maxFailures` failures within `windowMs`
 *   degraded ─► well   all slots ready, and no failure, for `windowMs`;
 *                      or a new attempt, as by a reload
 */
import type { RestartReason } from "./restart-reason.ts";

export interface CrashLoopLimits {
  readonly maxFailures: number;
  readonly windowMs: number;
}

export interface Failure {
  readonly reason: RestartReason;
  readonly slot: number;
  /** What is known of it, in one line. */
  readonly error: string;
}

/** What `/status` says of it. */
export interface Degraded {
  /** Monotonic ms. */
  readonly since: number;
  /** That led to it, and that came since. */
  readonly failures: number;
  readonly lastFailure: Failure;
}

export class CrashLoop {
  /** When they were; of the last `maxFailures`, oldest first. */
  #failedAt: number[] = [];
  #calmSince: number | undefined;
  #degraded: Degraded | undefined;

  get degraded(): Degraded | undefined {
    return this.#degraded;
  }

  /** @returns whether the pool is degraded from now on */
  note(failure: Failure, limits: CrashLoopLimits, now: number): boolean {
    this.#calmSince = undefined;
    if (this.#degraded) {
      const { since, failures } = this.#degraded;
      const lastFailure = failure;
      this.#degraded = { since, failures: failures + 1, lastFailure };
      return false;
    }
    this.#failedAt = [...this.#failedAt, now].slice(-limits.maxFailures);
    const [oldest = now] = this.#failedAt;
    if (this.#failedAt.length < limits.maxFailures) return false;
    if (now - oldest > limits.windowMs) return false;
    const failures = this.#failedAt.length;
    this.#degraded = { since: now, failures, lastFailure: failure };
    return true;
  }

  /**
   * @param isWhole whether each slot has a ready worker
   * @returns whether the pool is well from now on
   */
  look(isWhole: boolean, { windowMs }: CrashLoopLimits, now: number): boolean {
    if (!isWhole) this.#calmSince = undefined;
    else this.#calmSince ??= now;
    if (!this.#degraded || this.#calmSince === undefined) return false;
    if (now - this.#calmSince < windowMs) return false;
    return this.forget();
  }

  /** A new attempt: what was does not count. @returns as `look` */
  forget(): boolean {
    const wasDegraded = this.#degraded !== undefined;
    this.#degraded = undefined;
    this.#failedAt = [];
    this.#calmSince = undefined;
    return wasDegraded;
  }
}
