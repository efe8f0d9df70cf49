/**
 * What follows from a worker that failed: it is counted, its slot waits, and
 * the log says so. While the pool is degraded the log does not say it each
 * time, but how often, now and then: it must stay readable, and finite.
 */
import {
  CrashLoop,
  type CrashLoopLimits,
  type Degraded,
  type Failure,
} from "./crash-loop.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import { identityOf } from "./workers/worker-facts.ts";
import type { WorkerHandle } from "./workers/worker-handle.ts";

/** How often the log says that the pool is still degraded. */
const SUMMARY_INTERVAL_MS = 60_000;

/** In a degraded pool a slot waits at least so long for its next worker. */
const DEGRADED_WAIT_MS = 1_000;

export class Failures {
  readonly #parts: SupervisorParts;
  readonly #crashLoop = new CrashLoop();
  /** Since the log last spoke of them, by reason. */
  readonly #unsaid = new Map<string, number>();
  #saidAt = 0;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  /** Where workers fail again and again. */
  get degraded(): Degraded | undefined {
    return this.#crashLoop.degraded;
  }

  /**
   * @param text what the log says of it
   * @returns how long its slot has to wait
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
      this.#unsaid.set(reason, (this.#unsaid.get(reason) ?? 0) + 1);
      logger.debug(fields, text);
    } else {
      logger.error(fields, text);
    }
    if (isNew) this.#sayDegraded(limits);
    return waitMs;
  }

  /** Called often. @param target how many slots there should be */
  look(target: number, limits: CrashLoopLimits): void {
    const { degraded } = this;
    if (!degraded) return;
    const now = this.#parts.clock.now();
    const hasLeft = this.#crashLoop.look(this.#isWhole(target), limits, now);
    if (hasLeft) this.#sayWell(degraded);
    else if (now - this.#saidAt >= SUMMARY_INTERVAL_MS) this.#sum(degraded);
  }

  /** A new attempt was asked for. */
  forget(): void {
    const { degraded } = this;
    if (this.#crashLoop.forget() && degraded) this.#sayWell(degraded);
  }

  #isWhole(target: number): boolean {
    const ready = this.#parts.pool.workers.filter((worker) => {
      return worker.state === "ready";
    });
    const slots = new Set(ready.map(({ slot }) => slot));
    return Array.from({ length: target }).every((_, at) => slots.has(at + 1));
  }

  #sum({ lastFailure }: Degraded): void {
    const { clock, logger } = this.#parts;
    this.#saidAt = clock.now();
    if (this.#unsaid.size === 0) return;
    const failures = Object.fromEntries(this.#unsaid);
    logger.error({ failures, error: lastFailure.error }, "still degraded");
    this.#unsaid.clear();
  }

  #sayDegraded(limits: CrashLoopLimits): void {
    const { clock, logger } = this.#parts;
    this.#saidAt = clock.now();
    const text = "degraded: workers fail again and again";
    logger.error({ ...limits }, text);
  }

  #sayWell({ since, failures }: Degraded): void {
    const { clock, logger } = this.#parts;
    this.#unsaid.clear();
    const seconds = (clock.now() - since) / 1000;
    logger.info({ failures, seconds }, "no longer degraded");
  }
}

/** Why a worker failed. */
type Cause = Pick<Failure, "reason" | "error">;
