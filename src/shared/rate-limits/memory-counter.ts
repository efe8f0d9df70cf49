/** Runs per counted request: two look-ups, and a promise of the library. */
import type { RateLimiterMemory } from "rate-limiter-flexible";
import type { Count, CountEntry, Counter } from "./counter.ts";

/** How often the order forgets keys whose window is over. */
const SWEEP_MS = 10_000;

/**
 * Counts in the memory of this process. A key goes when its window is over.
 * When there are too many, the one whose window began first is forgotten: who
 * floods the server with new keys cannot keep out those who come later.
 */
export class MemoryCounter implements Counter {
  readonly #limiter: RateLimiterMemory;
  readonly #maxKeys: number;
  /** When each key's window is over, in the order in which they began. */
  readonly #windowEnds = new Map<string, number>();
  #sweeper: NodeJS.Timeout | undefined;

  /** The library is loaded here: most servers do without it. */
  static async create(maxKeys: number): Promise<MemoryCounter> {
    const { RateLimiterMemory } = await import("rate-limiter-flexible");
    // Whoever asks compares with its own limit, and brings its own window.
    const options = { points: 0, duration: 1, keyPrefix: "" };
    return new MemoryCounter(new RateLimiterMemory(options), maxKeys);
  }

  private constructor(limiter: RateLimiterMemory, maxKeys: number) {
    this.#limiter = limiter;
    this.#maxKeys = maxKeys;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#windowEnds.size;
  }

  async count({ key, points, windowMs }: CountEntry): Promise<Count> {
    const customDuration = windowMs / 1000;
    const result = await this.#limiter.penalty(key, points, { customDuration });
    const { consumedPoints, msBeforeNext, isFirstInDuration } = result;
    if (isFirstInDuration) this.#remember(key, windowMs);
    return { used: consumedPoints, msLeft: msBeforeNext };
  }

  #remember(key: string, windowMs: number): void {
    this.#windowEnds.delete(key);
    this.#windowEnds.set(key, Date.now() + windowMs);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    if (this.#windowEnds.size <= this.#maxKeys) return;
    const [oldest] = this.#windowEnds.keys();
    this.#windowEnds.delete(oldest as string);
    this.#limiter.delete(oldest as string);
  }

  /** The library's own entries have gone by themselves. */
  #sweep(): void {
    const now = Date.now();
    for (const [key, endsAt] of this.#windowEnds) {
      if (endsAt <= now) this.#windowEnds.delete(key);
    }
    if (this.#windowEnds.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
