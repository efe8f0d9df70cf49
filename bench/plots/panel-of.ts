import { metricOf } from "../metrics.ts";
import type { ScenarioResult } from "../results-file.ts";
import type { Bar, BarPanel } from "./bar-panel.ts";

export interface PanelWish {
  readonly title: string;
  readonly scenario: string;
  readonly metric: string;
  /** Whether more is better. Default: less is. */
  readonly isMoreBetter?: boolean;
  /** What tells the bar of another metric of the same unit from the first. */
  readonly also?: Readonly<Record<string, string>>;
}

/** Undefined where nobody has measured it. */
export function panelOf(
  wish: PanelWish,
  results: readonly ScenarioResult[],
): BarPanel | undefined {
  const { title, scenario, metric, isMoreBetter = false, also = {} } = wish;
  const result = results.find((one) => one.scenario === scenario);
  if (!result) return undefined;
  const sets = Object.entries({ [metric]: "", ...also });
  const bars = sets.flatMap(([name, label]) => barsOf(result, name, label));
  if (bars.length === 0) return undefined;
  const sign = isMoreBetter ? -1 : 1;
  bars.sort((one, other) => sign * (one.median - other.median));
  const shown = metricOf(metric);
  const which = isMoreBetter ? "more is better" : "less is better";
  const axis = `${shown.title} (${which})`;
  return { title, axis, digits: shown.digits, bars };
}

function barsOf(
  { medians }: ScenarioResult,
  metric: string,
  label: string,
): Bar[] {
  const { unit } = metricOf(metric);
  return Object.entries(medians).flatMap(([server, spreads]) => {
    const spread = spreads[metric];
    if (!spread) return [];
    const [median, min, max] = [spread.median, spread.min, spread.max];
    const figures = { median: median / unit, min: min / unit, max: max / unit };
    // What is beside it for comparison is not what this is about.
    const isOurs = /^remuda\b/.test(server) && label === "";
    return [{ label: `${server}${label}`, ...figures, isOurs }];
  });
}
