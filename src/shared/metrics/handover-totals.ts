/**
 * `Totals` as one master passes them to the next, which may be of an older or a
 * newer version. Earlier versions keep four totals, so a message has four parts;
 * a figure that only one of the two masters knows is kept and passed on.
 */
import * as z from "zod";
import type { HistogramValues } from "./histogram.ts";
import { requestKey, requestLabels } from "./request-labels.ts";
import { addTotals, noTotals, type Totals } from "./totals.ts";

const histogram = z.object({
  count: z.number(),
  sum: z.number(),
  buckets: z.array(z.number()),
});

const part = z.object({
  numbers: z.record(z.string(), z.number()),
  /** By name, then by label. */
  labelled: z.record(z.string(), z.record(z.string(), z.number())),
  histograms: z.record(z.string(), histogram),
  requests: z.array(
    histogram.extend({
      method: z.string(),
      route: z.string(),
      status: z.number(),
    }),
  ),
});

export const handoverTotalsSchema = z.object({
  /** Counted by workers. */
  ledger: part,
  /** Counted by the master. */
  counters: part,
  dispatcher: part,
  /** CPU seconds of workers by slot. */
  usage: part,
});

export type HandoverTotals = z.infer<typeof handoverTotalsSchema>;

type Part = HandoverTotals[keyof HandoverTotals];

/** Where earlier versions look for a figure; all others are in `ledger`. */
const PARTS = new Map<string, keyof HandoverTotals>([
  ["restarts", "counters"],
  ["reloads", "counters"],
  ["upgrades", "counters"],
  ["drains", "counters"],
  ["forcedCloses", "counters"],
  ["redispatched", "dispatcher"],
  ["cpuSeconds", "usage"],
]);

/** Names that earlier versions give to figures of the dispatcher. */
const RENAMED = new Map([
  ["accepted", "acceptedConnections"],
  ["dropped", "connectionsDropped"],
]);

export function toHandover(totals: Totals): HandoverTotals {
  const parts: HandoverTotals = {
    ledger: emptyPart(),
    counters: emptyPart(),
    dispatcher: emptyPart(),
    usage: emptyPart(),
  };
  const partOf = (name: string) => parts[PARTS.get(name) ?? "ledger"];
  for (const [name, value] of Object.entries(totals.numbers)) {
    partOf(name).numbers[name] = value;
  }
  for (const [name, counts] of Object.entries(totals.labelled)) {
    partOf(name).labelled[name] = { ...counts };
  }
  const { requests = {}, ...histograms } = totals.histograms;
  for (const [name, { "": values }] of Object.entries(histograms)) {
    if (values) partOf(name).histograms[name] = copyOf(values);
  }
  parts.ledger.requests = Object.entries(requests).map(([key, values]) => {
    return { ...requestLabels(key), ...copyOf(values) };
  });
  return parts;
}

export function fromHandover(parts: HandoverTotals): Totals {
  const sum = noTotals();
  for (const each of Object.values(parts)) addTotals(sum, totalsOf(each));
  return sum;
}

function totalsOf({ requests, ...part }: Part): Totals {
  const series = requests.map((one) => {
    return [requestKey(one), copyOf(one)] as const;
  });
  const histograms = Object.entries(part.histograms).map(([name, values]) => {
    return [name, { "": values }] as const;
  });
  return {
    numbers: renamed(part.numbers),
    labelled: renamed(part.labelled),
    histograms: Object.fromEntries([
      ...histograms,
      ["requests", Object.fromEntries(series)],
    ]),
  };
}

function renamed<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      return [RENAMED.get(name) ?? name, value];
    }),
  );
}

function emptyPart(): Part {
  return { numbers: {}, labelled: {}, histograms: {}, requests: [] };
}

function copyOf({ count, sum, buckets }: HistogramValues) {
  return { count, sum, buckets: [...buckets] };
}
