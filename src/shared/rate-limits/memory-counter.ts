/** Runs per counted request: two look-ups. */
import { type Clock, monotonicClock } from "../clock.ts";
import type { Count, CountEntry, Counter } from "./counter.ts";

/** Interval at which expired keys are deleted. */
const SWEEP_MS = 10_000;

interface Window {
  used: number;
  /** Monotonic time, which a change of the wall clock does not affect. */
  readonly endsAt: number;
}

/**
 * Counts in the memory of this process. A key is deleted after its window ends.
 * If there are too many keys, the one with the oldest window is deleted, so a
 * flood of new keys does not block later ones.
 */
export class MemoryCounter implements Counter {
  readonly #maxKeys: number;
  readonly #clock: Clock;
  /** Ordered by the beginning of the window, oldest first. */
  readonly #windows = new Map<string, Window>();
  #sweeper: NodeJS.Timeout | undefined;

  constructor(maxKeys: number, clock: Clock = monotonicClock) {
    this.#maxKeys = maxKeys;
    this.#clock = clock;
  }

  /** Number of keys in memory. */
  get size(): number {
    return this.#windows.size;
  }

  async count(entry: CountEntry): Promise<Count> {
    return this.countNow(entry);
  }

  /** Counts synchronously. */
  countNow({ key, points, windowMs }: CountEntry): Count {
    const now = this.#clock.now();
    const current = this.#windows.get(key);
    if (current && current.endsAt > now) {
      current.used += points;
      return { used: current.used, msLeft: Math.ceil(current.endsAt - now) };
    }
    this.#begin(key, { used: points, endsAt: now + windowMs });
    return { used: points, msLeft: windowMs };
  }

  #begin(key: string, window: Window): void {
    this.#windows.delete(key);
    this.#windows.set(key, window);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    if (this.#windows.size <= this.#maxKeys) return;
    const [oldest] = this.#windows.keys();
    this.#windows.delete(oldest as string);
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const [key, { endsAt }] of this.#windows) {
      if (endsAt <= now) this.#windows.delete(key);
    }
    if (this.#windows.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
