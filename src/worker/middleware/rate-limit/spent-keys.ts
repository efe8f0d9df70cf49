/**
 * Keys that have used up their window: they are refused without asking
 * anybody, as no count falls before its window is over. Runs per limited
 * request: one look-up.
 */
import type { Clock } from "../../../shared/clock.ts";

/** Beyond this the oldest one is forgotten, and is asked about again. */
const MAX_KEYS = 10_000;

export class SpentKeys {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the key is still refused; 0 where it may be asked about. */
  msLeft(key: string): number {
    const until = this.#until.get(key);
    if (until === undefined) return 0;
    const msLeft = until - this.#clock.now();
    if (msLeft > 0) return msLeft;
    this.#until.delete(key);
    return 0;
  }

  add(key: string, msLeft: number): void {
    this.#until.set(key, this.#clock.now() + msLeft);
    if (this.#until.size <= MAX_KEYS) return;
    const [oldest] = this.#until.keys();
    this.#until.delete(oldest as string);
  }
}
