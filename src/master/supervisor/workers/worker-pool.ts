import type { Clock } from "../../../shared/clock.ts";
import type { Settings } from "../../../shared/config/settings.ts";
import { type WorkerEvents, WorkerHandle } from "./worker-handle.ts";
import type { ForkProcess } from "./worker-process.ts";

/** A worker that was ready for longer than this started without problems. */
export const STABLE_AFTER_MS = 10_000;

const BACKOFF_BASE_MS = 100;
const BACKOFF_MAX_MS = 30_000;
/** Delays differ by up to this share, so that slots do not restart in step. */
const BACKOFF_JITTER = 0.25;

/** The existing workers, and the number of early deaths per slot. */
export class WorkerPool {
  readonly #fork: ForkProcess;
  readonly #clock: Clock;
  readonly #events: WorkerEvents;
  readonly #workers: WorkerHandle[] = [];
  readonly #failures = new Map<number, number>();
  readonly #notBefore = new Map<number, number>();

  constructor(fork: ForkProcess, clock: Clock, events: WorkerEvents) {
    this.#fork = fork;
    this.#clock = clock;
    this.#events = events;
  }

  get workers(): readonly WorkerHandle[] {
    return this.#workers;
  }

  /** Times before which slots must not start their next worker. */
  get notBefore(): ReadonlyMap<number, number> {
    return this.#notBefore;
  }

  countIn(state: WorkerHandle["state"]): number {
    return this.#workers.filter((worker) => worker.state === state).length;
  }

  fork(slot: number, generation: number, settings: Settings): WorkerHandle {
    const startedAt = this.#clock.now();
    const chance = Math.random();
    const identity = { slot, generation, settings, startedAt, chance };
    const worker = new WorkerHandle(this.#fork, identity, this.#events);
    this.#workers.push(worker);
    return worker;
  }

  remove(worker: WorkerHandle): void {
    const at = this.#workers.indexOf(worker);
    if (at >= 0) this.#workers.splice(at, 1);
  }

  /**
   * Delays the next worker in the slot of a failed one, longer each time.
   *
   * @param atLeastMs minimum delay, unless the worker was stable
   * @returns the delay
   */
  backOff(worker: WorkerHandle, atLeastMs = 0): number {
    const { slot, readyAt } = worker;
    const now = this.#clock.now();
    const wasStable = readyAt !== undefined && now - readyAt > STABLE_AFTER_MS;
    const failures = wasStable ? 0 : (this.#failures.get(slot) ?? 0) + 1;
    this.#failures.set(slot, failures);
    const backoff = backoffMs(failures, Math.random());
    const waitMs = wasStable ? 0 : Math.max(backoff, atLeastMs);
    this.#notBefore.set(slot, now + waitMs);
    return waitMs;
  }

  /** Ends all delays, for a new attempt. */
  forgetFailures(): void {
    this.#failures.clear();
    this.#notBefore.clear();
  }
}

/**
 * The delay before a worker that died early is replaced.
 *
 * @param failures number of early deaths in a row, including this one; 0 means
 * no delay
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  if (failures === 0) return 0;
  const exponential = BACKOFF_BASE_MS * 2 ** Math.min(failures - 1, 20);
  const jitter = 1 + BACKOFF_JITTER * (2 * random - 1);
  return Math.round(Math.min(exponential, BACKOFF_MAX_MS) * jitter);
}
