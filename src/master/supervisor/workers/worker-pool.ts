import type { Clock } from "../../../shared/clock.ts";
import type { Settings } from "../../../shared/config/settings.ts";
import { backoffMs, STABLE_AFTER_MS } from "../backoff.ts";
import { type WorkerEvents, WorkerHandle } from "./worker-handle.ts";
import type { ForkProcess } from "./worker-process.ts";

/** The workers that exist, and how often those of each slot died early. */
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

  /** Until when slots must wait for their next worker. */
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
   * A worker failed: its slot waits, longer each time.
   *
   * @param atLeastMs how long, unless it had been well for long
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

  /** A new attempt was asked for: the slots need not wait. */
  forgetFailures(): void {
    this.#failures.clear();
    this.#notBefore.clear();
  }
}
