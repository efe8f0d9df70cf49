/**
 * What a master counts, as it travels to the next one. What a field is follows
 * from its value, so a counter that is new somewhere needs no word here.
 */
import {
  Histogram,
  type HistogramValues,
} from "../../shared/metrics/histogram.ts";
import { noTotals, type Totals } from "../../shared/metrics/totals.ts";
import type { RequestSeries } from "../../shared/metrics/worker-snapshot.ts";

/**
 * @param figures cumulative ones: numbers, maps and objects of numbers by
 *   label, histograms, and `requests`; whatever else it has is passed over
 */
export function totalsOf(figures: object): Totals {
  const totals = noTotals();
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value === "number") totals.numbers[name] = value;
    else if (name === "requests") totals.requests = plainSeries(value);
    else if (value instanceof Histogram) {
      totals.histograms[name] = plainValues(value.values());
    } else if (value instanceof Map) {
      totals.labelled[name] = Object.fromEntries(value);
    } else if (isHistogramValues(value)) {
      totals.histograms[name] = plainValues(value);
    } else if (isRecord(value)) totals.labelled[name] = { ...value };
  }
  return totals;
}

function isRecord(value: unknown): value is Record<string, number> {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((each) => typeof each === "number");
}

function isHistogramValues(value: unknown): value is HistogramValues {
  return typeof value === "object" && value !== null && "buckets" in value;
}

function plainValues({ count, sum, buckets }: HistogramValues) {
  return { count, sum, buckets: [...buckets] };
}

function plainSeries(all: readonly RequestSeries[]): Totals["requests"] {
  return all.map((series) => {
    const { method, route, status } = series;
    return { method, route, status, ...plainValues(series) };
  });
}
