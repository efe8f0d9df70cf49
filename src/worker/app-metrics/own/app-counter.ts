import type { Labels, Metric } from "../metric-registry.ts";
import { LabelledSeries } from "./labelled-series.ts";
import {
  checkMetricOptions,
  type LabelValues,
  type MetricOptions,
} from "./metric-options.ts";
import { ownRegistry } from "./own-registry.ts";

/** A count of one set of labels. */
export class CounterSeries {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  /**
   * @param amount 0 or more; default: 1
   * @throws RangeError for a negative amount, or what is no finite number
   */
  inc(amount = 1): void {
    // Also false for NaN.
    if (!(amount >= 0 && amount < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a counter cannot count ${String(amount)}`);
    }
    this.value += amount;
  }
}

/** A number that only rises; exported by the master as the sum of workers. */
export interface Counter<Name extends string> {
  /** Counts without labels: see `CounterSeries#inc()`. */
  inc(...args: CountArgs<Name>): void;
  /** The series of these labels, for a place that counts often. */
  labels(labels: LabelValues<Name>): Pick<CounterSeries, "inc">;
}

type CountArgs<Name extends string> = [Name] extends [never]
  ? [amount?: number]
  : [labels: LabelValues<Name>, amount?: number];

/**
 * Makes a counter of the app, which the master's `/metrics` shows.
 *
 * @throws TypeError for invalid options
 * @throws Error if there is a metric of that name
 */
export function counter<const Name extends string = never>(
  options: MetricOptions<Name>,
): Counter<Name> {
  checkMetricOptions(options);
  const { name, help, labelNames = [] } = options;
  const series = new LabelledSeries<Name, CounterSeries>(
    name,
    labelNames,
    (labels) => new CounterSeries(labels),
  );
  const read = (): Metric => ({
    ...{ name, help, type: "counter" },
    values: series.all,
  });
  ownRegistry.add({ name, read });
  const labels = (given: LabelValues<Name>) => series.of(given);
  if (labelNames.length > 0) {
    const inc = (given: LabelValues<Name>, amount?: number) => {
      series.of(given).inc(amount);
    };
    return { inc: inc as Counter<Name>["inc"], labels };
  }
  const only = series.of({} as LabelValues<Name>);
  const inc = (amount?: number) => only.inc(amount);
  return { inc: inc as Counter<Name>["inc"], labels };
}
