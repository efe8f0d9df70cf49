/**
 * The share of the event loop that one connection uses before it yields to the
 * others. Runs per request of a pipeline.
 */
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import type { FairScheduler, Yielder } from "./fair-scheduler.ts";

/** Steps before the clock is looked at. */
const FREE_STEPS = 16;
/** Sending this many bytes is a step; so is each check for room to send. */
const STEP_BYTES = 4_096;
/** A connection may always run this long: long beside the cost of yielding. */
const MIN_SLICE_MS = 0.1;

type State = "running" | "yielded";

const TRANSITIONS: TransitionTable<State> = {
  running: ["yielded"],
  yielded: ["running"],
};

export class TimeSlice {
  readonly #scheduler: FairScheduler;
  #state: State = "running";
  #steps = 0;
  /** Time of the first look at the clock in this slice. */
  #startedAt: number | undefined = undefined;
  /** Iteration of the event loop in which the slice began. */
  #iteration = 0;

  constructor(scheduler: FairScheduler) {
    this.#scheduler = scheduler;
  }

  get hasYielded(): boolean {
    return this.#state === "yielded";
  }

  /** Starts a new slice unless one began in this iteration already. */
  beginEvent(): void {
    const { isMeasuring, iteration } = this.#scheduler;
    if (!isMeasuring || iteration !== this.#iteration) this.#restart();
  }

  countSent(byteCount: number): void {
    this.#steps += Math.trunc(byteCount / STEP_BYTES);
  }

  /** Counts a step. @returns whether the connection may continue */
  step(): boolean {
    return ++this.#steps <= FREE_STEPS || this.hasTime();
  }

  hasTime(): boolean {
    const now = this.#scheduler.clock.now();
    this.#startedAt ??= now;
    if (this.#scheduler.hasTime(now)) return true;
    return now - this.#startedAt < MIN_SLICE_MS;
  }

  /** Calls `onTimeSlice` when the connection may continue. */
  yield(yielder: Yielder): void {
    this.#state = transition(TRANSITIONS, this.#state, "yielded");
    this.#scheduler.enqueue(yielder);
  }

  resume(): void {
    this.#state = transition(TRANSITIONS, this.#state, "running");
    this.#restart();
  }

  #restart(): void {
    this.#steps = 0;
    this.#startedAt = undefined;
    this.#iteration = this.#scheduler.iteration;
  }
}
