import { type AimOutcome, aimText } from "./aims.ts";
import { type Metric, metricsOf } from "./metrics.ts";
import type { ScenarioResult, Spreads } from "./results-file.ts";
import type { Spread } from "./statistics.ts";
import { table } from "./table.ts";

const RATIO: Pick<Metric, "digits" | "unit"> = { digits: 2, unit: 1 };

/** Two tables: what each server did, and the first one's ratios to others. */
export function report(result: ScenarioResult): string {
  const { medians, ratios } = result;
  const metrics = metricsOf(result);
  const main = metrics.filter(({ isMain }) => isMain);
  const figures = table([
    ["server", ...metrics.map(({ title }) => title)],
    ...Object.entries(medians).map(([server, spreads]) => [
      server,
      ...metrics.map((metric) => shown(spreads, metric, metric)),
    ]),
  ]);
  if (Object.keys(ratios).length === 0) return figures;
  const [subject = ""] = Object.keys(medians);
  const compared = table([
    [`${subject} ÷`, ...main.map(({ title }) => title)],
    ...Object.entries(ratios).map(([peer, spreads]) => [
      peer,
      ...main.map((metric) => shown(spreads, metric, RATIO)),
    ]),
  ]);
  return `${figures}\n\n${compared}`;
}

/** What was aimed at, and whether it is reached. */
export function aimsReport(outcomes: readonly AimOutcome[]): string {
  return table([
    ["aim", "wanted", "measured", "reached"],
    ...outcomes.map(({ aim, ratio, isReached }) => [
      aim.title,
      aimText(aim),
      withRange(ratio, RATIO),
      isReached ? "yes" : "no",
    ]),
  ]);
}

function shown(
  spreads: Spreads,
  { name, isMain }: Metric,
  how: Pick<Metric, "digits" | "unit">,
): string {
  const spread = spreads[name];
  if (!spread) return "–";
  return isMain
    ? withRange(spread, how)
    : (spread.median / how.unit).toFixed(how.digits);
}

function withRange(
  { median, min, max }: Spread,
  { digits, unit }: Pick<Metric, "digits" | "unit">,
): string {
  const [middle, least, most] = [median, min, max].map((value) =>
    (value / unit).toFixed(digits),
  );
  return `${middle} (${least}–${most})`;
}
