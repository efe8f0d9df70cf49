import * as z from "zod";
import { addTotals, noTotals, type Totals, totalsSchema } from "./totals.ts";

/**
 * Everything that a master has counted, and those before it: what the next one
 * goes on from.
 */
export const masterTotalsSchema = z.object({
  /** What the workers counted. */
  ledger: totalsSchema,
  /** What the master itself counted. */
  counters: totalsSchema,
  dispatcher: totalsSchema,
  /** CPU seconds of workers by slot. */
  usage: totalsSchema,
});

export type MasterTotals = z.infer<typeof masterTotalsSchema>;

export function noMasterTotals(): MasterTotals {
  return mapTotals(noTotals);
}

export function addMasterTotals(
  one: MasterTotals,
  other: MasterTotals,
): MasterTotals {
  return mapTotals((part) => addTotals(one[part], other[part]));
}

function mapTotals(make: (part: keyof MasterTotals) => Totals): MasterTotals {
  return {
    ledger: make("ledger"),
    counters: make("counters"),
    dispatcher: make("dispatcher"),
    usage: make("usage"),
  };
}
