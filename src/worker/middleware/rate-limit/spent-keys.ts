/**
 * Keys that are over their limit. A count never decreases within a window, so
 * such a key is refused without a request to the store. Runs per limited
 * request: one look-up.
 */
import type { Clock } from "../../../shared/clock.ts";

/** Beyond this limit the oldest key is dropped; the store still counts it. */
const MAX_KEYS = 10_000;

export class SpentKeys {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Time until the key's window ends; 0 for a key that is not spent. */
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
