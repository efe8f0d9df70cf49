/** Runs per request: counting is two additions and a short scan. */
import { exactSeconds } from "./exact-seconds.ts";

/** Upper bounds in seconds, from the OpenTelemetry conventions. */
export const DURATION_BUCKETS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75,
  1, 2.5, 5, 7.5, 10,
];

const BUCKET_COUNT = DURATION_BUCKETS.length + 1;

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

/** @param operation applied to each pair of numbers; a missing one is 0 */
export function combineHistograms(
  one: HistogramValues | undefined,
  other: HistogramValues,
  operation: (one: number, other: number) => number,
): HistogramValues {
  return {
    count: operation(one?.count ?? 0, other.count),
    sum: exactSeconds(operation(one?.sum ?? 0, other.sum)),
    buckets: Array.from({ length: BUCKET_COUNT }, (_, at) => {
      return operation(one?.buckets[at] ?? 0, other.buckets[at] ?? 0);
    }),
  };
}
