import { DURATION_BUCKETS } from "../../../shared/metrics/histogram.ts";
import type { Labels, Metric, MetricValue } from "../metric-registry.ts";
import { LabelledSeries } from "./labelled-series.ts";
import {
  checkMetricOptions,
  type HistogramOptions,
  type LabelValues,
} from "./metric-options.ts";
import { ownRegistry } from "./own-registry.ts";

/** The observations of one set of labels. */
export class HistogramSeries {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  /** By bucket, not cumulative; the last is over all bounds. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** @throws RangeError for what is no finite number */
  observe(value: number): void {
    if (!Number.isFinite(value)) {
      throw new RangeError(`a histogram cannot observe ${String(value)}`);
    }
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at++;
    (this.#counts[at] as number)++;
    this.#sum += value;
  }

  samples(name: string): MetricValue[] {
    const { labels } = this;
    const metricName = `${name}_bucket`;
    let below = 0;
    const buckets = Array.from(this.#counts, (count, at): MetricValue => {
      below += count;
      const le = this.#bounds[at] ?? "+Inf";
      return { metricName, labels: { ...labels, le }, value: below };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: below },
    ];
  }
}

/** Counts observations by their size; exported as the sum of workers. */
export interface AppHistogram<Name extends string> {
  observe(...args: ObserveArgs<Name>): void;
  /** The series of these labels. */
  labels(labels: LabelValues<Name>): Pick<HistogramSeries, "observe">;
}

type ObserveArgs<Name extends string> = [Name] extends [never]
  ? [value: number]
  : [labels: LabelValues<Name>, value: number];

/**
 * Makes a histogram of the app, which the master's `/metrics` shows.
 *
 * @throws TypeError for invalid options
 * @throws Error if there is a metric of that name
 */
export function histogram<const Name extends string = never>(
  options: HistogramOptions<Name>,
): AppHistogram<Name> {
  checkMetricOptions(options);
  const { name, help, labelNames = [] } = options;
  const { buckets = DURATION_BUCKETS } = options;
  checkBuckets(name, buckets);
  const series = new LabelledSeries<Name, HistogramSeries>(
    name,
    labelNames,
    (labels) => new HistogramSeries(labels, buckets),
  );
  const read = (): Metric => ({
    ...{ name, help, type: "histogram" },
    values: series.all.flatMap((each) => each.samples(name)),
  });
  ownRegistry.add({ name, read });
  const labels = (given: LabelValues<Name>) => series.of(given);
  if (labelNames.length > 0) {
    const observe = (given: LabelValues<Name>, value: number) => {
      series.of(given).observe(value);
    };
    return { observe: observe as AppHistogram<Name>["observe"], labels };
  }
  const only = series.of({} as LabelValues<Name>);
  const observe = (value: number) => only.observe(value);
  return { observe: observe as AppHistogram<Name>["observe"], labels };
}

function checkBuckets(name: string, buckets: readonly number[]): void {
  const isRising = buckets.every((bound, at) => {
    const before = at === 0 ? Number.NEGATIVE_INFINITY : buckets[at - 1];
    return Number.isFinite(bound) && bound > (before as number);
  });
  if (isRising && buckets.length > 0) return;
  const valid = "finite numbers, each larger than the one before";
  throw new TypeError(`metric ${name}: buckets are ${valid}`);
}
