import type { ScenarioResult, Spreads } from "../results-file.ts";
import { table } from "../table.ts";
import type { SpecialMetric } from "./special-scenario.ts";

const RATIO_DIGITS = 2;

/** Two tables: what each server did, and the first one's ratios to others. */
export function specialReport(
  { medians, ratios }: ScenarioResult,
  metrics: readonly SpecialMetric[],
): string {
  const [subject = ""] = Object.keys(medians);
  const head = metrics.map(({ title }) => title);
  const figures = table([
    ["server", ...head],
    ...rowsOf(medians, metrics, (metric) => metric.digits),
  ]);
  const compared = table([
    [`${subject} ÷`, ...head],
    ...rowsOf(ratios, metrics, () => RATIO_DIGITS),
  ]);
  const isAlone = Object.keys(ratios).length === 0;
  return isAlone ? figures : `${figures}\n\n${compared}`;
}

function rowsOf(
  servers: Readonly<Record<string, Spreads>>,
  metrics: readonly SpecialMetric[],
  digitsOf: (metric: SpecialMetric) => number,
): string[][] {
  return Object.entries(servers).map(([server, spreads]) => [
    server,
    ...metrics.map((metric) => {
      const spread = spreads[metric.name];
      if (!spread) return "–";
      const { median, min, max } = spread;
      const [middle, least, most] = [median, min, max].map((value) =>
        value.toFixed(digitsOf(metric)),
      );
      return `${middle} (${least}–${most})`;
    }),
  ]);
}
