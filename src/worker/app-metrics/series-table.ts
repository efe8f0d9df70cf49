/**
 * What the master knows of the metrics of this worker's app: compares each
 * reading with it, and makes a push of the difference. Runs for each series
 * once a second.
 */
import {
  type AppFamily,
  type AppMetricsPush,
  GAUGE_AGGREGATORS,
  type GaugeAggregator,
  isCumulative,
  METRIC_TYPES,
  type MetricType,
  type SeriesDefinition,
  type SeriesExemplar,
  type SeriesValue,
  seriesValue,
} from "../../shared/metrics/app-metrics.ts";
import type { Labels, Metric, MetricValue } from "./metric-registry.ts";
import { exemplarText, labelsText } from "./series-text.ts";

export interface SeriesLimits {
  readonly maxSeries: number;
  /** About the bytes of a push. */
  readonly maxPushBytes: number;
}

export interface SeriesTableOptions extends SeriesLimits {
  /** Whether the series of a metric have the label `worker`. */
  readonly isPerWorker: (metric: Metric) => boolean;
  /** Value of that label. */
  readonly slot: number;
  readonly onRefused: (refusal: Refusal) => void;
}

export type RefusalReason =
  | "name_taken"
  | "series_limit"
  | "push_bytes"
  | "invalid";

export interface Refusal {
  readonly reason: RefusalReason;
  /** Metrics or series that are left out. */
  readonly count: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface PlacedMetric {
  readonly metric: Metric;
  /** The registry, for messages. */
  readonly place: string;
  readonly isFallback: boolean;
  readonly labelNames: readonly string[];
}

interface Family {
  readonly number: number;
  readonly place: string;
  readonly type: MetricType;
  readonly isPerWorker: boolean;
  /** In the order of the last reading. */
  readonly inOrder: (Series | undefined)[];
  readonly byText: Map<string, Series>;
}

interface Series {
  readonly number: number;
  readonly labels: Labels;
  readonly sampleName: string | undefined;
  readonly text: string;
  readonly isCumulative: boolean;
  value: number;
  exemplarAt: number;
  readingNumber: number;
}

interface Draft {
  readonly families: AppFamily[];
  readonly series: SeriesDefinition[];
  readonly values: SeriesValue[];
  readonly removed: number[];
  readonly exemplars: SeriesExemplar[];
}

export interface Reading {
  readonly push: AppMetricsPush;
  /** Whether all changes had room in it. */
  readonly isComplete: boolean;
}

/** Characters of a value with its number and commas. */
const VALUE_BYTES = 16;

const NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/;
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export class SeriesTable {
  readonly #options: SeriesTableOptions;
  readonly #families = new Map<string, Family>();
  /** Names, with the places whose metrics of that name are left out. */
  readonly #refused = new Set<string>();
  readonly #free: number[] = [];
  #count = 0;
  #familyCount = 0;
  #readingNumber = 0;
  #mostLeftOut = 0;
  #leftOut = 0;
  #bytes = 0;
  #late = 0;
  /** The metric whose changes come first, because they had no room. */
  #firstMetric = 0;
  #draft = newDraft();

  constructor(options: SeriesTableOptions) {
    this.#options = options;
  }

  read(metrics: readonly PlacedMetric[]): Reading {
    this.#readingNumber++;
    this.#draft = newDraft();
    [this.#bytes, this.#late, this.#leftOut] = [0, 0, 0];
    const first = Math.min(this.#firstMetric, metrics.length);
    this.#firstMetric = 0;
    metrics.forEach((_, offset) => {
      const at = (first + offset) % metrics.length;
      const lateBefore = this.#late;
      this.#readMetric(metrics[at] as PlacedMetric);
      const isFirstLate = lateBefore === 0 && this.#late > 0;
      if (isFirstLate) this.#firstMetric = at;
    });
    this.#removeUnread();
    this.#tellLimits();
    return { push: this.#draft, isComplete: this.#late === 0 };
  }

  #readMetric(placed: PlacedMetric): void {
    const { metric } = placed;
    const { values = [] } = metric;
    if (values.length === 0 || metric.aggregator === "omit") return;
    const family = this.#familyOf(placed);
    if (!family) return;
    const { inOrder } = family;
    values.forEach((value, at) => {
      const known = knownAt(family, at, value);
      const series = known ?? this.#find(family, metric, value);
      if (series) series.readingNumber = this.#readingNumber;
      inOrder[at] = series;
    });
    inOrder.length = values.length;
    let isAnew = false;
    values.forEach((value, at) => {
      if (isFirstOfSet(values, at)) isAnew = hasBegunAnew(family, at, values);
      const series = inOrder[at];
      if (series) this.#compare(family, series, { value, isAnew });
    });
  }

  /** @returns undefined if the name is that of another metric */
  #familyOf(placed: PlacedMetric): Family | undefined {
    const { metric, place, isFallback } = placed;
    const family = this.#families.get(metric.name);
    if (!family || family.byText.size === 0) return this.#addFamily(placed);
    if (family.place === place && family.type === metric.type) return family;
    if (!isFallback) this.#refuseName(placed, family);
    return undefined;
  }

  /** Adds the changes of a series to the push. */
  #compare(
    family: Family,
    series: Series,
    { value: given, isAnew }: { value: MetricValue; isAnew: boolean },
  ): void {
    const { value, exemplar } = given;
    const { number, text } = series;
    if (isAnew && series.isCumulative) {
      // All series of a set, whether or not there is room.
      this.#draft.series.push([number, family.number, text]);
      series.value = value;
      this.#draft.values.push(number, seriesValue(value));
    } else if (!Object.is(value, series.value)) {
      if (!this.#hasRoom(VALUE_BYTES)) return;
      series.value = value;
      this.#draft.values.push(number, seriesValue(value));
    }
    if (!exemplar || exemplar.timestamp === series.exemplarAt) return;
    const after = exemplarText(exemplar);
    if (!this.#hasRoom(after.length + VALUE_BYTES)) return;
    series.exemplarAt = exemplar.timestamp;
    this.#draft.exemplars.push([number, after]);
  }

  #find(
    family: Family,
    metric: Metric,
    value: MetricValue,
  ): Series | undefined {
    const { labels = {}, metricName } = value;
    const text = this.#textOf(family, metric, value);
    const known = text === undefined ? undefined : family.byText.get(text);
    if (known) return known;
    if (text === undefined || typeof value.value !== "number") {
      this.#refuseOnce("invalid", `${metric.name} ${Object.keys(labels)}`, {
        metric: metric.name,
        labels: Object.keys(labels),
      });
      return undefined;
    }
    if (this.#count >= this.#options.maxSeries) {
      this.#leftOut++;
      return undefined;
    }
    if (!this.#hasRoom(text.length + VALUE_BYTES)) return undefined;
    const number = this.#free.pop() ?? this.#count;
    this.#count++;
    const series: Series = {
      ...{ number, labels: { ...labels }, sampleName: metricName, text },
      isCumulative: isCumulative(family.type, text),
      value: Number.NaN,
      exemplarAt: 0,
      readingNumber: 0,
    };
    family.byText.set(text, series);
    this.#draft.series.push([number, family.number, text]);
    // `Object.is()` would take NaN as sent.
    if (Number.isNaN(value.value)) this.#draft.values.push(number, "NaN");
    return series;
  }

  /** @returns undefined for a sample that the text format cannot have */
  #textOf(
    family: Family,
    { name }: Metric,
    { labels = {}, metricName = name }: MetricValue,
  ): string | undefined {
    const given = Object.keys(labels).sort();
    const isValid = given.every((label) => LABEL_NAME.test(label));
    if (!metricName.startsWith(name) || !isValid) return undefined;
    const suffix = metricName.slice(name.length);
    if (!family.isPerWorker || given.includes("worker")) {
      return suffix + labelsText(labels, given);
    }
    const worker = this.#options.slot;
    return suffix + labelsText({ ...labels, worker }, [...given, "worker"]);
  }

  #addFamily(placed: PlacedMetric): Family | undefined {
    const { metric, place } = placed;
    const { name, help = "" } = metric;
    const type = METRIC_TYPES.find((each) => each === metric.type);
    if (!type || !NAME.test(name)) {
      this.#refuseOnce("invalid", name, {
        metric: name,
        type: String(metric.type),
      });
      return undefined;
    }
    const isPerWorker = this.#options.isPerWorker(metric);
    const number = this.#familyCount++;
    const family: Family = {
      ...{ number, place, type, isPerWorker },
      inOrder: [],
      byText: new Map(),
    };
    this.#families.set(name, family);
    this.#draft.families.push({
      ...{ name, type, help: String(help) },
      aggregator: isPerWorker ? "newest" : aggregatorOf(metric),
      labelNames: labelNamesOf(placed, isPerWorker),
      bounds: boundsOf(metric),
    });
    return family;
  }

  /** Drops series that the app has removed. */
  #removeUnread(): void {
    for (const family of this.#families.values()) {
      for (const series of family.byText.values()) {
        if (series.readingNumber === this.#readingNumber) continue;
        family.byText.delete(series.text);
        this.#free.push(series.number);
        this.#count--;
        this.#draft.removed.push(series.number);
      }
    }
  }

  #hasRoom(bytes: number): boolean {
    if (this.#late > 0 || this.#bytes + bytes > this.#options.maxPushBytes) {
      this.#late++;
      return false;
    }
    this.#bytes += bytes;
    return true;
  }

  #tellLimits(): void {
    const { maxSeries, maxPushBytes, onRefused } = this.#options;
    const more = this.#leftOut - this.#mostLeftOut;
    if (more > 0) {
      const fields = { leftOut: this.#leftOut, maxSeries };
      onRefused({ reason: "series_limit", count: more, fields });
      this.#mostLeftOut = this.#leftOut;
    }
    if (this.#late === 0) return;
    const fields = { late: this.#late, maxPushBytes };
    onRefused({ reason: "push_bytes", count: this.#late, fields });
  }

  #refuseName({ metric, place }: PlacedMetric, family: Family): void {
    const { name, type } = metric;
    this.#refuseOnce("name_taken", `${name} ${type} ${place}`, {
      ...{ metric: name, place, type },
      takenBy: { place: family.place, type: family.type },
    });
  }

  #refuseOnce(
    reason: RefusalReason,
    key: string,
    fields: Refusal["fields"],
  ): void {
    const isKnown = this.#refused.has(key);
    if (isKnown || this.#refused.size >= this.#options.maxSeries) return;
    this.#refused.add(key);
    this.#options.onRefused({ reason, count: 1, fields });
  }
}

function newDraft(): Draft {
  return { families: [], series: [], values: [], removed: [], exemplars: [] };
}

/** The series of the last reading at this place, if it is still there. */
function knownAt(
  { inOrder }: Family,
  at: number,
  { labels = {}, metricName }: MetricValue,
): Series | undefined {
  const series = inOrder[at];
  if (!series || series.sampleName !== metricName) return undefined;
  const before = series.labels;
  let count = 0;
  for (const name in labels) {
    if (labels[name] !== before[name]) return undefined;
    count++;
  }
  for (const _ in before) count--;
  return count === 0 ? series : undefined;
}

/** Whether a sample is the first of its labels; a count is the last. */
function isFirstOfSet(values: readonly MetricValue[], at: number): boolean {
  return values[at - 1]?.metricName?.endsWith("_count") ?? true;
}

/**
 * Whether the app has set the series of these labels back. A sum also falls
 * with negative observations, so it is not looked at.
 */
function hasBegunAnew(
  { inOrder }: Family,
  first: number,
  values: readonly MetricValue[],
): boolean {
  for (let at = first; at < values.length; at++) {
    const [series, sample] = [inOrder[at], values[at]];
    if (!series?.isCumulative || !sample) continue;
    const isSum = series.text.startsWith("_sum");
    if (!isSum && sample.value < series.value) return true;
    if (!isSum && isFirstOfSet(values, at + 1)) return false;
  }
  return false;
}

function aggregatorOf({ aggregator }: Metric): GaugeAggregator {
  return GAUGE_AGGREGATORS.find((each) => each === aggregator) ?? "sum";
}

function labelNamesOf(
  { metric, labelNames }: PlacedMetric,
  isPerWorker: boolean,
): readonly string[] {
  const names = new Set(labelNames);
  for (const name in metric.values?.[0]?.labels) names.add(name);
  if (isPerWorker) names.add("worker");
  for (const own of ["le", "quantile"]) names.delete(own);
  return [...names].sort();
}

/** The bounds of the first series: all have the same. */
function boundsOf({ name, values = [] }: Metric): readonly string[] {
  const bounds = new Set<string>();
  for (const { metricName, labels = {} } of values) {
    if (metricName !== `${name}_bucket`) break;
    bounds.add(String(labels.le));
  }
  return [...bounds];
}
