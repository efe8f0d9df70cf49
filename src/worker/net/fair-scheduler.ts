/**
 * Shares the event loop among connections. A connection that could continue for
 * long (a pipeline of thousands of requests, a response whose chunks are all
 * available, data that arrives as fast as it is read) yields after half a
 * millisecond and continues in a later iteration of the event loop.
 *
 * Runs per request of a pipeline: a check costs one look at the clock.
 */
import type { Clock } from "../../shared/clock.ts";

/** Something that has yielded and waits for its time slice. */
export interface Yielder {
  onTimeSlice(): void;
}

/** All busy connections together delay the others no longer than this. */
export const TIME_SLICE_MS = 0.5;

export class FairScheduler {
  readonly clock: Clock;
  readonly #waiting: Yielder[] = [];
  /** Time of the first check in this iteration of the event loop. */
  #startedAt: number | undefined = undefined;
  #immediate: NodeJS.Immediate | undefined = undefined;
  #iteration = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whether time is being measured in this iteration of the event loop. */
  get isMeasuring(): boolean {
    return this.#startedAt !== undefined;
  }

  /** Number of measured iterations of the event loop so far. */
  get iteration(): number {
    return this.#iteration;
  }

  /** Whether a busy connection may continue in this iteration. */
  hasTime(now: number): boolean {
    if (this.#startedAt !== undefined) {
      return now - this.#startedAt < TIME_SLICE_MS;
    }
    this.#startedAt = now;
    this.#arm();
    return true;
  }

  /** Calls `onTimeSlice` in a later iteration, first in, first out. */
  enqueue(yielder: Yielder): void {
    this.#waiting.push(yielder);
    this.#arm();
  }

  #arm(): void {
    this.#immediate ??= setImmediate(() => this.#run());
  }

  /** Runs after everything that was ready to be read has been read. */
  #run(): void {
    this.#immediate = undefined;
    this.#startedAt = this.clock.now();
    // One that yields again is queued for the next iteration.
    for (let left = this.#waiting.length; left > 0; left--) {
      if (!this.hasTime(this.clock.now())) break;
      this.#waiting.shift()?.onTimeSlice();
    }
    this.#startedAt = undefined;
    this.#iteration++;
    if (this.#waiting.length > 0) this.#arm();
  }
}
