import { Histogram } from "../../shared/metrics/histogram.ts";
import { addTotals, type Totals } from "../../shared/metrics/totals.ts";
import { totalsOf } from "./totals-of.ts";

/**
 * What this master has counted and what those before it had, in the shape of
 * the first; for what `totalsOf()` takes. Fields that are no cumulative figures
 * stay as they are.
 */
export function plusTotals<Figures extends object>(
  own: Figures,
  before: Totals,
): Figures {
  const sum = addTotals(totalsOf(own), before);
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(own)) {
    result[name] = inShapeOf(value, name, sum);
  }
  return result as Figures;
}

function inShapeOf(own: unknown, name: string, sum: Totals): unknown {
  if (name === "requests") return sum.requests;
  if (typeof own === "number") return sum.numbers[name];
  const byLabel = sum.labelled[name];
  if (own instanceof Map) return new Map(Object.entries(byLabel ?? {}));
  const values = sum.histograms[name];
  if (own instanceof Histogram) return values ? Histogram.from(values) : own;
  // A histogram of which nothing is known here yet has no value to go by.
  return values ?? byLabel ?? own;
}
