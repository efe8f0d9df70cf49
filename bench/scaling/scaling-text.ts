import type { ScenarioResult } from "../results-file.ts";
import { type Costs, costsOf } from "./costs.ts";
import { curvesText, fitsText } from "./curve-tables.ts";
import {
  assumptionsTable,
  costsTable,
  fleetsTable,
  limitsTable,
} from "./fleet-tables.ts";

/** What docs/scaling.md says between markers; undefined if not measured. */
export function scalingText(
  name: string | undefined,
  results: readonly ScenarioResult[],
): string | undefined {
  switch (name) {
    case "curves":
      return curvesText(results);
    case "fits":
      return fitsText(results);
    case "costs":
      return withCosts(results, costsTable);
    case "limits":
      return withCosts(results, limitsTable);
    case "fleets":
      return withCosts(results, fleetsTable);
    case "assumptions":
      return assumptionsTable();
    default:
      throw new Error(`docs/scaling.md has no part "${name}"`);
  }
}

function withCosts(
  results: readonly ScenarioResult[],
  text: (costs: Costs) => string,
): string | undefined {
  const costs = costsOf(results);
  return costs && text(costs);
}
