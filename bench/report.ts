import { METRICS, type Metric } from "./metrics.ts";
import type { Spread } from "./statistics.ts";
import type { Figures, Summary } from "./summary.ts";
import { table } from "./table.ts";

const RATIO_DIGITS = 2;

/** Two tables: what each server did, and the first one's ratios to others. */
export function report({ servers, subject, ratios }: Summary): string {
  const main = METRICS.filter(({ isMain }) => isMain);
  const figures = table([
    ["server", ...METRICS.map(({ title }) => title)],
    ...servers.map(({ server, figures }) => [
      server,
      ...METRICS.map((metric) => shown(figures, metric, metric.digits)),
    ]),
  ]);
  if (ratios.length === 0) return figures;
  const compared = table([
    [`${subject} ÷`, ...main.map(({ title }) => title)],
    ...ratios.map(({ peer, figures }) => [
      peer,
      ...main.map((metric) => shown(figures, metric, RATIO_DIGITS)),
    ]),
  ]);
  return `${figures}\n\n${compared}`;
}

function shown(figures: Figures, metric: Metric, digits: number): string {
  const spread = figures[metric.name];
  if (!spread) return "–";
  return metric.isMain ? withRange(spread, digits) : fixed(spread, digits);
}

function withRange({ median, min, max }: Spread, digits: number): string {
  const [middle, least, most] = [median, min, max].map((value) =>
    value.toFixed(digits),
  );
  return `${middle} (${least}–${most})`;
}

const fixed = ({ median }: Spread, digits: number) => median.toFixed(digits);
