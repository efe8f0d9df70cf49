/**
 * Cumulative figures by their names, as they travel from one master to the
 * next. The two may be of different versions: a figure that only one of them
 * knows is kept and passed on, and counts from zero where it is missing.
 */
import * as z from "zod";
import { addHistograms } from "./histogram.ts";
import { labelsOf } from "./labels-of.ts";
import type { RequestSeries } from "./worker-snapshot.ts";

const histogram = z.object({
  count: z.number(),
  sum: z.number(),
  buckets: z.array(z.number()),
});

const series = histogram.extend({
  method: z.string(),
  route: z.string(),
  status: z.number(),
});

export const totalsSchema = z.object({
  numbers: z.record(z.string(), z.number()),
  /** By name, then by label. */
  labelled: z.record(z.string(), z.record(z.string(), z.number())),
  histograms: z.record(z.string(), histogram),
  requests: z.array(series),
});

export type Totals = z.infer<typeof totalsSchema>;

export function noTotals(): Totals {
  return { numbers: {}, labelled: {}, histograms: {}, requests: [] };
}

/** Of names that only one has, what it has. */
export function addTotals(one: Totals, other: Totals): Totals {
  const add = (a: number | undefined, b: number) => (a ?? 0) + b;
  const addRecords = (
    a: Readonly<Record<string, number>> | undefined,
    b: Readonly<Record<string, number>>,
  ) => merged(a ?? {}, b, add);
  return {
    numbers: addRecords(one.numbers, other.numbers),
    labelled: merged(one.labelled, other.labelled, addRecords),
    histograms: merged(one.histograms, other.histograms, (a, b) => ({
      ...addHistograms(a, b),
      buckets: [...addHistograms(a, b).buckets],
    })),
    requests: addRequests(one.requests, other.requests),
  };
}

function addRequests(
  one: readonly RequestSeries[],
  other: readonly RequestSeries[],
): Totals["requests"] {
  const sums = new Map(one.map((each) => [labelsOf(each), each]));
  for (const each of other) {
    const labels = labelsOf(each);
    const sum = addHistograms(sums.get(labels), each);
    sums.set(labels, { ...each, ...sum });
  }
  return [...sums.values()].map((each) => {
    return { ...each, buckets: [...each.buckets] };
  });
}

function merged<Value>(
  one: Readonly<Record<string, Value>>,
  other: Readonly<Record<string, Value>>,
  add: (one: Value | undefined, other: Value) => Value,
): Record<string, Value> {
  const sums: Record<string, Value> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    sums[name] = add(Object.hasOwn(sums, name) ? sums[name] : undefined, value);
  }
  return sums;
}
