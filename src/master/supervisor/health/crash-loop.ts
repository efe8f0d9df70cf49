/**
 * Decides whether workers fail so often that the pool is degraded. The wait of
 * each slot is separate: see `backoffMs()`.
 *
 *   healthy ─► degraded   `maxFailures` failures within `windowMs`
 *   degraded ─► healthy   all slots ready, and no failure, for `windowMs`; or a
 *                         new attempt, for example a reload
 */
import type { RestartReason } from "./restart-reason.ts";

export interface CrashLoopLimits {
  readonly maxFailures: number;
  readonly windowMs: number;
}

export interface Failure {
  readonly reason: RestartReason;
  readonly slot: number;
  /** Cause, in one line. */
  readonly error: string;
}

/** A degraded pool, as `/status` shows it. */
export interface Degraded {
  /** Monotonic ms. */
  readonly since: number;
  /** Failures that led to it, and later ones. */
  readonly failures: number;
  readonly lastFailure: Failure;
}

export class CrashLoop {
  /** Times of the last `maxFailures` failures, oldest first. */
  #failedAt: number[] = [];
  #calmSince: number | undefined;
  #degraded: Degraded | undefined;

  get degraded(): Degraded | undefined {
    return this.#degraded;
  }

  /** @returns whether the pool has just become degraded */
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
   * @returns whether the pool has just recovered
   */
  look(isWhole: boolean, { windowMs }: CrashLoopLimits, now: number): boolean {
    if (!isWhole) this.#calmSince = undefined;
    else this.#calmSince ??= now;
    if (!this.#degraded || this.#calmSince === undefined) return false;
    if (now - this.#calmSince < windowMs) return false;
    return this.forget();
  }

  /** Earlier failures do not count any more. @returns as `look()` */
  forget(): boolean {
    const wasDegraded = this.#degraded !== undefined;
    this.#degraded = undefined;
    this.#failedAt = [];
    this.#calmSince = undefined;
    return wasDegraded;
  }
}
