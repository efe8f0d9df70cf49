/** Runs per request: counting is two additions and a short scan. */
import { DURATION_BUCKETS } from "./buckets.ts";
import { exactSeconds } from "./exact-seconds.ts";

/** A histogram's numbers, as they travel; the last bucket is +Inf. */
export interface HistogramValues {
  readonly count: number;
  /** In seconds, exact to add up: see `exactSeconds`. */
  readonly sum: number;
  /** How many fell into each bucket, not cumulative. */
  readonly buckets: readonly number[];
}

const BUCKET_COUNT = DURATION_BUCKETS.length + 1;

export class Histogram {
  readonly #buckets = new Float64Array(BUCKET_COUNT);
  #count = 0;
  #sum = 0;

  /** One that goes on from these numbers. */
  static from({ count, sum, buckets }: HistogramValues): Histogram {
    const histogram = new Histogram();
    histogram.#count = count;
    histogram.#sum = sum;
    histogram.#buckets.set(buckets.slice(0, BUCKET_COUNT));
    return histogram;
  }

  observe(seconds: number): void {
    this.#count++;
    this.#sum += seconds;
    let at = 0;
    while (seconds > (DURATION_BUCKETS[at] as number)) at++;
    (this.#buckets[at] as number)++;
  }

  get count(): number {
    return this.#count;
  }

  values(): HistogramValues {
    const buckets = Array.from(this.#buckets);
    return { count: this.#count, sum: exactSeconds(this.#sum), buckets };
  }
}

/**
 * Merges the latest report of a process into the values before it. No number
 * falls, whatever the process reports, and the sums add up exactly.
 */
export function laterOf(
  before: HistogramValues | undefined,
  { count, sum, buckets }: HistogramValues,
): HistogramValues {
  const highest = (one: number | undefined, other: number | undefined) =>
    Math.max(one ?? 0, other ?? 0);
  return {
    count: highest(before?.count, count),
    sum: exactSeconds(highest(before?.sum, sum)),
    buckets: Array.from({ length: BUCKET_COUNT }, (_, at) => {
      return highest(before?.buckets[at], buckets[at]);
    }),
  };
}

/** The sum of two; either may be missing. */
export function addHistograms(
  one: HistogramValues | undefined,
  other: HistogramValues,
): HistogramValues {
  if (!one) return other;
  return {
    count: one.count + other.count,
    sum: one.sum + other.sum,
    buckets: one.buckets.map((value, at) => value + (other.buckets[at] ?? 0)),
  };
}
