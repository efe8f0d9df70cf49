/**
 * Counts and logs failed workers, and delays the restart in their slots. While
 * the pool is degraded, a periodic summary replaces the line for each failure,
 * so that the log stays readable and finite.
 */

import type { SupervisorParts } from "../supervisor-parts.ts";
import { identityOf } from "../workers/worker-facts.ts";
import type { WorkerHandle } from "../workers/worker-handle.ts";
import type { RestartReason } from "./health.ts";

/** Interval of the summaries of a degraded pool. */
const SUMMARY_INTERVAL_MS = 60_000;

/** Minimum wait of a slot in a degraded pool. */
const DEGRADED_WAIT_MS = 1_000;

export class Failures {
  readonly #parts: SupervisorParts;
  readonly #crashLoop = new CrashLoop();
  /** Failures since the last log line about them, by reason. */
  readonly #unlogged = new Map<string, number>();
  #loggedAt = 0;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  /** Defined while the pool is degraded. */
  get degraded(): Degraded | undefined {
    return this.#crashLoop.degraded;
  }

  /**
   * @param text message of the log line
   * @returns the delay of its slot, in ms
   */
  note(worker: WorkerHandle, { reason, error }: Cause, text: string): number {
    const { pool, clock, logger } = this.#parts;
    const failure: Failure = { reason, slot: worker.slot, error };
    const limits = worker.settings.crashLoop;
    const isNew = this.#crashLoop.note(failure, limits, clock.now());
    const waitMs = pool.backOff(worker, this.degraded ? DEGRADED_WAIT_MS : 0);
    const who = { ...identityOf(worker), ...worker.exit };
    const fields = { ...who, reason, error, waitMs };
    if (this.degraded && !isNew) {
      this.#unlogged.set(reason, (this.#unlogged.get(reason) ?? 0) + 1);
      logger.debug(fields, text);
    } else {
      logger.error(fields, text);
    }
    if (isNew) this.#logDegraded(limits);
    return waitMs;
  }

  /** Checks for recovery; called often. @param target number of slots */
  look(target: number, limits: CrashLoopLimits): void {
    const { degraded } = this;
    if (!degraded) return;
    const now = this.#parts.clock.now();
    const hasLeft = this.#crashLoop.look(this.#isWhole(target), limits, now);
    if (hasLeft) this.#logRecovered(degraded);
    else if (now - this.#loggedAt >= SUMMARY_INTERVAL_MS)
      this.#logSummary(degraded);
  }

  /** Discards earlier failures at the start of a new attempt. */
  forget(): void {
    const { degraded } = this;
    if (this.#crashLoop.forget() && degraded) this.#logRecovered(degraded);
  }

  #isWhole(target: number): boolean {
    const ready = this.#parts.pool.workers.filter((worker) => {
      return worker.state === "ready";
    });
    const slots = new Set(ready.map(({ slot }) => slot));
    return Array.from({ length: target }).every((_, at) => slots.has(at + 1));
  }

  #logSummary({ lastFailure }: Degraded): void {
    const { clock, logger } = this.#parts;
    this.#loggedAt = clock.now();
    if (this.#unlogged.size === 0) return;
    const failures = Object.fromEntries(this.#unlogged);
    logger.error({ failures, error: lastFailure.error }, "still degraded");
    this.#unlogged.clear();
  }

  #logDegraded(limits: CrashLoopLimits): void {
    const { clock, logger } = this.#parts;
    this.#loggedAt = clock.now();
    const text = "degraded: workers fail again and again";
    logger.error({ ...limits }, text);
  }

  #logRecovered({ since, failures }: Degraded): void {
    const { clock, logger } = this.#parts;
    this.#unlogged.clear();
    const seconds = (clock.now() - since) / 1000;
    logger.info({ failures, seconds }, "no longer degraded");
  }
}

type Cause = Pick<Failure, "reason" | "error">;

export interface CrashLoopLimits {
  readonly maxFailures: number;
  readonly windowMs: number;
}

export interface Failure {
  readonly reason: RestartReason;
  readonly slot: number;
  /** The cause, in one line. */
  readonly error: string;
}

/** A degraded pool, as `/status` shows it. */
export interface Degraded {
  /** Monotonic ms. */
  readonly since: number;
  /** Number of failures, including those that led to it. */
  readonly failures: number;
  readonly lastFailure: Failure;
}

/**
 * Decides whether workers fail so often that the pool is degraded. The wait of
 * each slot is separate: see `backoffMs()`.
 *
 *   healthy ─► degraded   `maxFailures` failures within `windowMs`
 *   degraded ─► healthy   all slots ready, and no failure, for `windowMs`; or a
 *                         new attempt, for example a reload
 */
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

  /** Discards earlier failures. @returns as `look()` */
  forget(): boolean {
    const wasDegraded = this.#degraded !== undefined;
    this.#degraded = undefined;
    this.#failedAt = [];
    this.#calmSince = undefined;
    return wasDegraded;
  }
}
