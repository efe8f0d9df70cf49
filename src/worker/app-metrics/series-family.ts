/**
 * A metric of the app and its series, as the master knows them, and how a
 * reading differs from that. Runs for each series once a second.
 */
import type { AppFamily } from "../../shared/metrics/app-metrics.ts";
import type { Labels, MetricValue } from "./metric-registry.ts";

export interface Family {
  /** Undefined until its first series. */
  number: number | undefined;
  readonly definition: AppFamily;
  readonly place: string;
  readonly isPerWorker: boolean;
  readingNumber: number;
  /** Whether the last reading had the series of the one before, in order. */
  isInPlace: boolean;
  /** In the order of the last reading. */
  readonly inOrder: (Series | undefined)[];
  readonly byText: Map<string, Series>;
}

export interface Series {
  readonly number: number;
  readonly labels: Labels;
  readonly sampleName: string | undefined;
  readonly text: string;
  readonly isCumulative: boolean;
  /** Whether it is the sum of a histogram or a summary. */
  readonly isSum: boolean;
  value: number;
  exemplarAt: number;
  readingNumber: number;
}

interface Look {
  /** Positions of samples that have changed, or may have. */
  readonly changed: readonly number[];
  /** Whether something that is added up has fallen. */
  readonly hasFallen: boolean;
  readonly isInPlace: boolean;
}

const NOT_IN_PLACE: Look = { changed: [], hasFallen: false, isInPlace: false };

/** One pass, because most samples have not changed. */
export function lookAt(
  { inOrder, byText }: Family,
  values: readonly MetricValue[],
): Look {
  const { length } = values;
  if (length !== byText.size || length !== inOrder.length) return NOT_IN_PLACE;
  const changed: number[] = [];
  let hasFallen = false;
  for (let at = 0; at < length; at++) {
    const series = inOrder[at];
    const sample = values[at] as MetricValue;
    if (!isAt(series, sample)) return NOT_IN_PLACE;
    const { value } = sample;
    if (value === series.value && !sample.exemplar) continue;
    changed.push(at);
    hasFallen ||= series.isCumulative && value < series.value;
  }
  return { changed, hasFallen, isInPlace: true };
}

/** Whether a sample is one of this series. */
export function isAt(
  series: Series | undefined,
  { labels, metricName }: MetricValue,
): series is Series {
  if (!series || series.sampleName !== metricName) return false;
  const before = series.labels;
  // Usually prom-client gives the same object each time.
  return labels === before || hasSame(labels ?? {}, before);
}

function hasSame(labels: Labels, before: Labels): boolean {
  let count = 0;
  for (const name in labels) {
    if (labels[name] !== before[name]) return false;
    count++;
  }
  for (const _ in before) count--;
  return count === 0;
}

/** Whether a sample is the first of its labels; a count is the last. */
export function isFirstOfSet(
  values: readonly MetricValue[],
  at: number,
): boolean {
  return values[at - 1]?.metricName?.endsWith("_count") ?? true;
}

/**
 * Whether the app has set the series of these labels back. A sum also falls
 * with negative observations, so it is not looked at.
 */
export function hasBegunAnew(
  { inOrder }: Family,
  first: number,
  values: readonly MetricValue[],
): boolean {
  for (let at = first; at < values.length; at++) {
    const series = inOrder[at];
    const sample = values[at];
    if (series?.isCumulative && sample && !series.isSum) {
      if (sample.value < series.value) return true;
      if (isFirstOfSet(values, at + 1)) return false;
    }
  }
  return false;
}
