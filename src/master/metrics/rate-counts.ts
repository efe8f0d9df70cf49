import type { Count, CountEntry } from "../../shared/rate-limits/counter.ts";
import { MemoryCounter } from "../../shared/rate-limits/memory-counter.ts";

/** Clients that rate limits know of at a time: some 70 MB at the most. */
const MAX_LIMITED_KEYS = 100_000;

/** Counts for the rate limits of all workers. */
export class RateCounts {
  readonly #counter = new MemoryCounter(MAX_LIMITED_KEYS);

  count(entries: readonly CountEntry[]): Count[] {
    return entries.map((entry) => this.#counter.countNow(entry));
  }
}
