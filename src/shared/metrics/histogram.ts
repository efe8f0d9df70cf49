/** Runs per request: counting is two additions and a short scan. */
import { exactSeconds } from "./exact-seconds.ts";

/** Upper bounds in seconds, from the OpenTelemetry conventions. */
export const DURATION_BUCKETS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75,
  1, 2.5, 5, 7.5, 10,
];

export const BUCKET_COUNT = DURATION_BUCKETS.length + 1;

/** A histogram's numbers in a message; the last bucket is +Inf. */
export interface HistogramValues {
  readonly count: number;
  /** In seconds, rounded so that sums are exact: see `exactSeconds`. */
  readonly sum: number;
  /** Observations in each bucket, not cumulative. */
  readonly buckets: readonly number[];
}

export class Histogram {
  readonly #buckets = new Float64Array(BUCKET_COUNT);
  #count = 0;
  #sum = 0;

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

export function addHistograms(
  one: HistogramValues,
  other: HistogramValues,
): HistogramValues {
  return {
    count: one.count + other.count,
    sum: one.sum + other.sum,
    buckets: one.buckets.map((value, at) => value + (other.buckets[at] ?? 0)),
  };
}

/** The higher one of each pair of numbers. */
export function maxHistogram(
  one: HistogramValues,
  other: HistogramValues,
): HistogramValues {
  return {
    count: Math.max(one.count, other.count),
    sum: Math.max(one.sum, other.sum),
    buckets: one.buckets.map((value, at) => {
      return Math.max(value, other.buckets[at] ?? 0);
    }),
  };
}
