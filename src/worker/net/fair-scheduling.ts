/**
 * Shares the event loop out among connections. One that could go on for long
 * (a pipeline of thousands of requests, pieces of an answer that are all there,
 * bytes that come as fast as they are read) gives way to all others after half
 * a millisecond, and goes on in a later turn of the loop.
 *
 * Runs per request of a pipeline: asking costs a look at the clock.
 */
import type { Clock } from "../../shared/clock.ts";

/** Something that waits for its turn. */
export interface TurnHolder {
  onTurn(): void;
}

/**
 * How long those that could go on may keep all others waiting: short beside a
 * way through a network.
 */
export const TURN_MS = 0.5;

export class Turns {
  readonly #clock: Clock;
  readonly #waiting: TurnHolder[] = [];
  /** When somebody first asked in this turn of the event loop. */
  #startedAt: number | undefined = undefined;
  #isArmed = false;
  #number = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether somebody has asked for time in this turn of the event loop. */
  get isCounting(): boolean {
    return this.#startedAt !== undefined;
  }

  /** Counts the turns of the event loop in which somebody asked. */
  get number(): number {
    return this.#number;
  }

  /** Whether who could go on may do so in this turn of the event loop. */
  hasTime(now: number): boolean {
    if (this.#startedAt !== undefined) return now - this.#startedAt < TURN_MS;
    this.#startedAt = now;
    this.#arm();
    return true;
  }

  /** Calls `onTurn` in a later turn; who came first is first. */
  wait(holder: TurnHolder): void {
    this.#waiting.push(holder);
    this.#arm();
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => this.#run());
  }

  /** Runs after all that was ready to be read has been. */
  #run(): void {
    this.#isArmed = false;
    this.#startedAt = this.#clock.now();
    // Who waits again does so for the next turn of the event loop.
    for (let left = this.#waiting.length; left > 0; left--) {
      if (!this.hasTime(this.#clock.now())) break;
      this.#waiting.shift()?.onTurn();
    }
    this.#startedAt = undefined;
    this.#number++;
    if (this.#waiting.length > 0) this.#arm();
  }
}
