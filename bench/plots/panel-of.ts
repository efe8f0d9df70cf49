import { metricOf } from "../metrics.ts";
import type { ScenarioResult } from "../results-file.ts";
import type { Bar, BarPanel } from "./bar-panel.ts";

export interface PanelWish {
  readonly title: string;
  readonly scenario: string;
  /** By which servers are sorted. */
  readonly metric: string;
  /** What the figures are. Default: the metric's own title. */
  readonly axis?: string;
  /** Whether more is better. Default: less is. */
  readonly isMoreBetter?: boolean;
  /** More than one bar for a server: what follows its name, by metric. */
  readonly series?: Readonly<Record<string, string>>;
}

/** Undefined where nobody has measured it. */
export function panelOf(
  wish: PanelWish,
  results: readonly ScenarioResult[],
): BarPanel | undefined {
  const { title, scenario, metric, isMoreBetter = false } = wish;
  const result = results.find((one) => one.scenario === scenario);
  const sign = isMoreBetter ? -1 : 1;
  const servers = Object.entries(result?.medians ?? {})
    .flatMap(([server, { [metric]: spread }]) =>
      spread ? [{ server, order: sign * spread.median }] : [],
    )
    .sort((one, other) => one.order - other.order);
  if (!result || servers.length === 0) return undefined;
  const series = Object.entries(wish.series ?? { [metric]: "" });
  const bars = servers.flatMap(({ server }) =>
    series.flatMap((one) => barOf(result, server, one) ?? []),
  );
  const shown = metricOf(metric);
  const which = isMoreBetter ? "more is better" : "less is better";
  const axis = `${wish.axis ?? shown.title} (${which})`;
  return { title, axis, digits: shown.digits, bars };
}

function barOf(
  { medians }: ScenarioResult,
  server: string,
  [metric, label]: readonly [metric: string, label: string],
): Bar | undefined {
  const spread = medians[server]?.[metric];
  if (!spread) return undefined;
  const { unit } = metricOf(metric);
  return {
    label: `${server}${label}`,
    median: spread.median / unit,
    min: spread.min / unit,
    max: spread.max / unit,
    isOurs: /^remuda\b/.test(server),
  };
}
