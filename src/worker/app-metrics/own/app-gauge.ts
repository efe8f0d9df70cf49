import type { Labels, Metric } from "../metric-registry.ts";
import { LabelledSeries } from "./labelled-series.ts";
import {
  checkMetricOptions,
  type GaugeOptions,
  type LabelValues,
} from "./metric-options.ts";
import { ownRegistry } from "./own-registry.ts";

/** A value of one set of labels. */
export class GaugeSeries {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  set(value: number): void {
    if (typeof value !== "number") {
      throw new TypeError(`the value of a gauge is a number, not ${value}`);
    }
    this.value = value;
  }

  /** @param amount default: 1 */
  inc(amount = 1): void {
    this.set(this.value + amount);
  }

  /** @param amount default: 1 */
  dec(amount = 1): void {
    this.set(this.value - amount);
  }
}

/** A number that rises and falls; workers' values become one. */
export interface Gauge<Name extends string> {
  set(...args: [...GaugeLabels<Name>, value: number]): void;
  /** Adds an amount; default: 1. */
  inc(...args: [...GaugeLabels<Name>, amount?: number]): void;
  /** Subtracts an amount; default: 1. */
  dec(...args: [...GaugeLabels<Name>, amount?: number]): void;
  /** The series of these labels. */
  labels(labels: LabelValues<Name>): Pick<GaugeSeries, "set" | "inc" | "dec">;
}

type GaugeLabels<Name extends string> = [Name] extends [never]
  ? []
  : [labels: LabelValues<Name>];

/**
 * Makes a gauge of the app, which the master's `/metrics` shows.
 *
 * @throws TypeError for invalid options
 * @throws Error if there is a metric of that name
 */
export function gauge<const Name extends string = never>(
  options: GaugeOptions<Name>,
): Gauge<Name> {
  checkMetricOptions(options);
  const { name, help, labelNames = [], aggregator = "sum" } = options;
  const series = new LabelledSeries<Name, GaugeSeries>(
    name,
    labelNames,
    (labels) => new GaugeSeries(labels),
  );
  const read = (): Metric => ({
    ...{ name, help, type: "gauge", aggregator },
    values: series.all,
  });
  ownRegistry.add({ name, read });
  const hasLabels = labelNames.length > 0;
  const none = {} as LabelValues<Name>;
  if (!hasLabels) series.of(none);
  const method = (verb: "set" | "inc" | "dec") => {
    return (...args: readonly unknown[]) => {
      const [first, second] = args;
      if (!hasLabels) series.of(none)[verb](first as number);
      else series.of(first as LabelValues<Name>)[verb](second as number);
    };
  };
  return {
    set: method("set"),
    inc: method("inc"),
    dec: method("dec"),
    labels: (given) => series.of(given),
  };
}
