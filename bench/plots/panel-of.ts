import { metricOf } from "../metrics.ts";
import type { ScenarioResult } from "../results-file.ts";
import type { Bar, BarPanel } from "./bar-panel.ts";

export interface PanelWish {
  readonly title: string;
  readonly scenario: string;
  readonly metric: string;
  /** Whether more is better. Default: less is. */
  readonly isMoreBetter?: boolean;
}

/** Undefined where nobody has measured it. */
export function panelOf(
  { title, scenario, metric, isMoreBetter = false }: PanelWish,
  results: readonly ScenarioResult[],
): BarPanel | undefined {
  const result = results.find((one) => one.scenario === scenario);
  const shown = metricOf(metric);
  const bars = result ? barsOf(result, metric, shown.unit) : [];
  if (bars.length === 0) return undefined;
  const sign = isMoreBetter ? -1 : 1;
  bars.sort((one, other) => sign * (one.median - other.median));
  const which = isMoreBetter ? "more is better" : "less is better";
  const axis = `${shown.title} (${which})`;
  return { title, axis, digits: shown.digits, bars };
}

function barsOf(
  { medians }: ScenarioResult,
  metric: string,
  unit: number,
): Bar[] {
  return Object.entries(medians).flatMap(([server, spreads]) => {
    const spread = spreads[metric];
    if (!spread) return [];
    const [median, min, max] = [spread.median, spread.min, spread.max];
    const isOurs = /^remuda\b/.test(server);
    const figures = { median: median / unit, min: min / unit, max: max / unit };
    return [{ label: server, ...figures, isOurs }];
  });
}
