/**
 * The metrics of this worker's app as the master knows them: compares each
 * reading with it, and makes a push of the difference. Runs for each series
 * once a second.
 */
import {
  type AppFamily,
  type AppMetricsPush,
  isCumulative,
  type SeriesDefinition,
  type SeriesExemplar,
  type SeriesValue,
  seriesValue,
  totalsNameOf,
} from "../../shared/metrics/app-metrics.ts";
import { familyDefinition } from "./family-definition.ts";
import type { Metric, MetricValue, PlacedMetric } from "./metric-registry.ts";
import {
  type Family,
  hasBegunAnew,
  isAt,
  isFirstOfSet,
  lookAt,
  type Series,
} from "./series-family.ts";
import { exemplarText, isLabelName, labelsText } from "./series-text.ts";

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

const SUFFIXES = ["", "_bucket", "_sum", "_count"];
/** Longest text of a series, so that each has room in a push. */
const MAX_TEXT_CHARS = 4_096;

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

  /** @param isWhole if not, what is missing has not been removed */
  read(metrics: readonly PlacedMetric[], isWhole = true): Reading {
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
    if (isWhole) this.#removeUnread();
    this.#tellLimits();
    return { push: this.#draft, isComplete: this.#late === 0 };
  }

  #readMetric(placed: PlacedMetric): void {
    const { metric } = placed;
    const { values = [] } = metric;
    if (values.length === 0 || metric.aggregator === "omit") return;
    const family = this.#familyOf(placed);
    if (!family) return;
    family.readingNumber = this.#readingNumber;
    const { changed, hasFallen, isInPlace } = lookAt(family, values);
    family.isInPlace = isInPlace;
    if (isInPlace && !hasFallen) {
      for (const at of changed) {
        const series = family.inOrder[at] as Series;
        this.#compare(series, values[at] as MetricValue);
      }
      return;
    }
    this.#resolve(family, metric, values);
    this.#compareAll(family, values);
  }

  /** Finds the series of all samples. */
  #resolve(
    family: Family,
    metric: Metric,
    values: readonly MetricValue[],
  ): void {
    values.forEach((value, at) => {
      const known = isAt(family.inOrder[at], value);
      const series = known
        ? family.inOrder[at]
        : this.#find(family, metric, value);
      if (series) series.readingNumber = this.#readingNumber;
      family.inOrder[at] = series;
    });
    family.inOrder.length = values.length;
  }

  /** Also notices series that the app has set back. */
  #compareAll(family: Family, values: readonly MetricValue[]): void {
    let isAnew = false;
    values.forEach((value, at) => {
      if (isFirstOfSet(values, at)) isAnew = hasBegunAnew(family, at, values);
      const series = family.inOrder[at];
      if (!series) return;
      if (isAnew && series.isCumulative) this.#redefine(family, series, value);
      else this.#compare(series, value);
    });
  }

  /** Counts on from the master's value. All series of a set have room. */
  #redefine(family: Family, series: Series, { value }: MetricValue): void {
    const { number, text } = series;
    this.#define(number, family, text);
    series.value = value;
    this.#draft.values.push(number, seriesValue(value));
  }

  /** @returns undefined if the name is that of another metric */
  #familyOf(placed: PlacedMetric): Family | undefined {
    const { metric, place, isFallback } = placed;
    const family = this.#families.get(metric.name);
    // One without series may have been made anew, with other labels.
    if (!family || family.byText.size === 0) return this.#addFamily(placed);
    const { type } = family.definition;
    if (family.place === place && type === metric.type) return family;
    if (!isFallback) this.#refuseName(placed, family);
    return undefined;
  }

  /** Adds the changes of a series to the push. */
  #compare(series: Series, given: MetricValue): void {
    const { value, exemplar } = given;
    const { number } = series;
    if (!Object.is(value, series.value)) {
      if (!this.#hasRoom(VALUE_BYTES)) return;
      series.value = value;
      this.#draft.values.push(number, seriesValue(value));
    }
    if (!exemplar || exemplar.timestamp === series.exemplarAt) return;
    const text = exemplarText(exemplar);
    if (text === undefined) return;
    if (!this.#hasRoom(text.length + VALUE_BYTES)) return;
    series.exemplarAt = exemplar.timestamp;
    this.#draft.exemplars.push([number, text]);
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
      ...{ number, labels, sampleName: metricName, text },
      isCumulative: isCumulative(family.definition.type, text),
      isSum: text.startsWith("_sum"),
      value: Number.NaN,
      exemplarAt: 0,
      readingNumber: 0,
    };
    family.byText.set(text, series);
    this.#define(number, family, text);
    // `Object.is()` would take NaN as sent.
    if (Number.isNaN(value.value)) this.#draft.values.push(number, "NaN");
    return series;
  }

  /** A family is sent with its first series. */
  #define(number: number, family: Family, text: string): void {
    if (family.number === undefined) {
      family.number = this.#familyCount++;
      this.#draft.families.push(family.definition);
    }
    this.#draft.series.push([number, family.number, text]);
  }

  /** @returns undefined for a sample that the text format cannot have */
  #textOf(
    family: Family,
    { name }: Metric,
    { labels = {}, metricName = name }: MetricValue,
  ): string | undefined {
    const given = Object.keys(labels).sort();
    const suffix = metricName.slice(name.length);
    const isValid =
      metricName.startsWith(name) &&
      SUFFIXES.includes(suffix) &&
      given.every(isLabelName);
    if (!isValid) return undefined;
    const isLabelled = family.isPerWorker && !given.includes("worker");
    const worker = this.#options.slot;
    const text = isLabelled
      ? suffix + labelsText({ ...labels, worker }, [...given, "worker"])
      : suffix + labelsText(labels, given);
    return text.length > MAX_TEXT_CHARS ? undefined : text;
  }

  #addFamily(placed: PlacedMetric): Family | undefined {
    const { metric, place } = placed;
    const { name } = metric;
    const isPerWorker = this.#options.isPerWorker(metric);
    const definition = familyDefinition(placed, isPerWorker);
    if (!definition) {
      const type = String(metric.type);
      this.#refuseOnce("invalid", name, { metric: name, type });
      return undefined;
    }
    const known = this.#families.get(name);
    const isSame =
      known?.place === place &&
      totalsNameOf(known.definition) === totalsNameOf(definition);
    if (isSame) return known;
    const family: Family = {
      ...{ number: undefined, definition, place, isPerWorker },
      ...{ readingNumber: 0, isInPlace: false },
      inOrder: [],
      byText: new Map(),
    };
    this.#families.set(name, family);
    return family;
  }

  /** Drops series that the app has removed. */
  #removeUnread(): void {
    for (const family of this.#families.values()) {
      const isRead = family.readingNumber === this.#readingNumber;
      if (isRead && family.isInPlace) continue;
      if (!isRead) family.inOrder.length = 0;
      for (const series of family.byText.values()) {
        const isThere = series.readingNumber === this.#readingNumber;
        if (isRead && isThere) continue;
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
      takenBy: { place: family.place, type: family.definition.type },
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
