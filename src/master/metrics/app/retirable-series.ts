import { familyIn } from "../../../shared/metrics/app-metrics.ts";
import { emptyRecord, type Totals } from "../../../shared/metrics/totals.ts";

/**
 * Leaves out series of the app that would be new in `retired` once that has
 * `maxSeries`: an app that makes new ones for ever must not fill the memory.
 */
export function retirableSeries(
  totals: Totals,
  { retired, maxSeries }: { retired: Totals; maxSeries: number },
): { totals: Totals; leftOut: number } {
  let room = maxSeries - countOf(retired);
  let leftOut = 0;
  const labelled = emptyRecord<Record<string, number>>();
  for (const [name, series] of Object.entries(totals.labelled)) {
    if (!familyIn(name)) {
      labelled[name] = series;
      continue;
    }
    const kept = emptyRecord<number>();
    const known = retired.labelled[name] ?? {};
    for (const text in series) {
      const isNew = !(text in known);
      if (isNew && room <= 0) leftOut++;
      else kept[text] = series[text] as number;
      if (isNew) room--;
    }
    labelled[name] = kept;
  }
  return { totals: { ...totals, labelled }, leftOut };
}

function countOf({ labelled }: Totals): number {
  return Object.entries(labelled).reduce((sum, [name, series]) => {
    return familyIn(name) ? sum + Object.keys(series).length : sum;
  }, 0);
}
