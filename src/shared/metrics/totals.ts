/**
 * Cumulative figures by the names in `metric-names.ts`. A worker reports them,
 * IPC carries them, a master sums them and passes them to the next one. No
 * record has a prototype, so a label may be `constructor` or `__proto__`.
 */
import {
  addHistograms,
  type HistogramValues,
  maxHistogram,
} from "./histogram.ts";

export interface Totals {
  readonly numbers: Record<string, number>;
  /** By name, then by label. */
  readonly labelled: Record<string, Record<string, number>>;
  /** By name, then by all labels in one text: "" where there is none. */
  readonly histograms: Record<string, Record<string, HistogramValues>>;
}

interface Operation {
  numbers(one: number, other: number): number;
  histograms(one: HistogramValues, other: HistogramValues): HistogramValues;
}

const ADD: Operation = {
  numbers: (one, other) => one + other,
  histograms: addHistograms,
};

const MAX: Operation = { numbers: Math.max, histograms: maxHistogram };

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
  combine(sum, other, ADD);
}

/**
 * Raises the figures of `latest` to those of `report`. A name that the report
 * leaves out keeps its figure, and none falls, whatever the report says.
 */
export function raiseTotals(latest: Totals, report: Totals): void {
  combine(latest, report, MAX);
}

function combine(into: Totals, other: Totals, operation: Operation): void {
  const { numbers, histograms } = operation;
  combineRecords(into.numbers, other.numbers, numbers);
  for (const [name, counts] of Object.entries(other.labelled)) {
    into.labelled[name] ??= emptyRecord();
    combineRecords(into.labelled[name], counts, numbers);
  }
  for (const [name, series] of Object.entries(other.histograms)) {
    into.histograms[name] ??= emptyRecord();
    combineRecords(into.histograms[name], series, histograms);
  }
}

/** `for … in` is cheaper than entries: a server may have thousands of series. */
function combineRecords<Value>(
  into: Record<string, Value>,
  other: Readonly<Record<string, Value>>,
  operation: (one: Value, other: Value) => Value,
): void {
  for (const name in other) {
    const [before, value] = [into[name], other[name] as Value];
    into[name] = before === undefined ? value : operation(before, value);
  }
}
