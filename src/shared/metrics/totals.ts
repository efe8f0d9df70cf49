/**
 * Cumulative figures by the names in `metric-names.ts`. A worker reports them,
 * IPC carries them, a master sums them and passes them to the next one. No
 * record has a prototype, so a label may be `constructor` or `__proto__`.
 */
import { combineHistograms, type HistogramValues } from "./histogram.ts";

export interface Totals {
  readonly numbers: Record<string, number>;
  /** By name, then by label. */
  readonly labelled: Record<string, Record<string, number>>;
  /** By name, then by all labels in one text: "" where there is none. */
  readonly histograms: Record<string, Record<string, HistogramValues>>;
}

type Combine = (one: number, other: number) => number;

const add: Combine = (one, other) => one + other;

export function noTotals(): Totals {
  return {
    numbers: emptyRecord(),
    labelled: emptyRecord(),
    histograms: emptyRecord(),
  };
}

export function emptyRecord<Value>(): Record<string, Value> {
  return Object.create(null);
}

/** Adds every figure of `other` to `sum`. */
export function addTotals(sum: Totals, other: Totals): void {
  combine(sum, other, add);
}

/**
 * Raises the figures of `latest` to those of `report`. A name that the report
 * leaves out keeps its figure, and none falls, whatever the report says.
 */
export function raiseTotals(latest: Totals, report: Totals): void {
  combine(latest, report, Math.max);
}

function combine(into: Totals, other: Totals, operation: Combine): void {
  combineNumbers(into.numbers, other.numbers, operation);
  for (const [name, counts] of Object.entries(other.labelled)) {
    into.labelled[name] ??= emptyRecord();
    combineNumbers(into.labelled[name], counts, operation);
  }
  for (const [name, series] of Object.entries(other.histograms)) {
    into.histograms[name] ??= emptyRecord();
    const all = into.histograms[name];
    for (const [labels, values] of Object.entries(series)) {
      all[labels] = combineHistograms(all[labels], values, operation);
    }
  }
}

function combineNumbers(
  into: Record<string, number>,
  other: Readonly<Record<string, number>>,
  operation: Combine,
): void {
  for (const [name, value] of Object.entries(other)) {
    into[name] = operation(into[name] ?? 0, value);
  }
}
