/**
 * Metrics of the app, as a worker reports them to the master. A series has a
 * number, so that a push carries its text once and later only its value.
 */

export const METRIC_TYPES = [
  "counter",
  "gauge",
  "histogram",
  "summary",
] as const;

export type MetricType = (typeof METRIC_TYPES)[number];

/**
 * How the values of several workers become one: as in `prom-client`, or the
 * value of the newest worker.
 */
export const GAUGE_AGGREGATORS = [
  "sum",
  "min",
  "max",
  "average",
  "first",
  "newest",
] as const;

export type GaugeAggregator = (typeof GAUGE_AGGREGATORS)[number];

/** By the data model of Prometheus. */
export const METRIC_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
export const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface AppFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly aggregator: GaugeAggregator;
  /** In alphabetical order. */
  readonly labelNames: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly bounds: readonly string[];
}

/** JSON has no numbers that are not finite. */
export type SeriesValue = number | "NaN" | "+Inf" | "-Inf";

export function seriesValue(value: number): SeriesValue {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

export function seriesNumber(value: SeriesValue): number {
  if (typeof value === "number") return value;
  return Number(value.replace("Inf", "Infinity"));
}

/**
 * `text` is what follows the name of the family in the exposition format, such
 * as `_bucket{le="0.5"}`. A number that is defined again counts on from the
 * value that the master has.
 */
export type SeriesDefinition = readonly [
  series: number,
  family: number,
  text: string,
];

/** The labels and the value as OpenMetrics writes them behind a sample. */
export type SeriesExemplar = readonly [series: number, text: string];

/** The changes since the push before. */
export interface AppMetricsPush {
  /** New families; they are numbered from 0 in the order of their pushes. */
  readonly families: readonly AppFamily[];
  readonly series: readonly SeriesDefinition[];
  /** The number of a series, its value, the number of the next, and so on. */
  readonly values: readonly SeriesValue[];
  /** Series that the app has removed. */
  readonly removed: readonly number[];
  readonly exemplars: readonly SeriesExemplar[];
}

/**
 * Name of a family in `Totals`. Families that differ in it are never added up.
 */
export function totalsNameOf(family: AppFamily): string {
  const { name, type, labelNames, bounds } = family;
  return PREFIX + JSON.stringify([name, type, labelNames, bounds]);
}

const PREFIX = "app:";

export type FamilyIdentity = Pick<
  AppFamily,
  "name" | "type" | "labelNames" | "bounds"
>;

/** @returns undefined for a figure of Remuda's own */
export function familyIn(totalsName: string): FamilyIdentity | undefined {
  if (!totalsName.startsWith(PREFIX)) return undefined;
  try {
    const parts = JSON.parse(totalsName.slice(PREFIX.length));
    const [name, type, labelNames, bounds] = parts;
    return { name, type, labelNames, bounds };
  } catch {
    return undefined; // an app has written to its channel itself
  }
}

/** Whether the values of a series are added up, also those of dead workers. */
export function isCumulative(type: MetricType, text: string): boolean {
  if (type === "gauge") return false;
  return type !== "summary" || !isQuantile(text);
}

function isQuantile(text: string): boolean {
  return text === "" || text.startsWith("{");
}
