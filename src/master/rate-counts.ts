import type { Count, CountEntry } from "../shared/rate-limits/counter.ts";
import { MemoryCounter } from "../shared/rate-limits/memory-counter.ts";

/** Clients that rate limits know of at a time: some 70 MB at the most. */
const MAX_LIMITED_KEYS = 100_000;

/** Counts for the rate limits of all workers. */
export class RateCounts {
  /** From the first question of a worker on. */
  #counter: Promise<MemoryCounter> | undefined;

  async count(entries: readonly CountEntry[]): Promise<Count[]> {
    this.#counter ??= MemoryCounter.create(MAX_LIMITED_KEYS);
    const counter = await this.#counter;
    return Promise.all(entries.map((entry) => counter.count(entry)));
  }
}
