import type { Spread } from "../statistics.ts";
import { table } from "../table.ts";
import type { ParserFigures } from "./parser-summary.ts";

const NANOS_PER_SECOND = 1e9;

/** One table for each task. */
export function parserReport(figures: readonly ParserFigures[]): string {
  const tasks = [...new Set(figures.map(({ task }) => task))];
  const tables = tasks.map((task) => {
    const rows = figures.filter((one) => one.task === task).map(row);
    return table([
      [
        task,
        "bytes",
        "remuda ns",
        "HTTPParser ns",
        "remuda req/s",
        "HTTPParser req/s",
        "ns ÷ ns",
      ],
      ...rows,
    ]);
  });
  return tables.join("\n\n");
}

function row(figures: ParserFigures): string[] {
  const { head, headBytes, remuda, httpParser, ratio } = figures;
  return [
    head,
    String(headBytes),
    withRange(remuda, 0),
    withRange(httpParser, 0),
    perSecond(remuda),
    perSecond(httpParser),
    withRange(ratio, 2),
  ];
}

function withRange({ median, min, max }: Spread, digits: number): string {
  const [middle, least, most] = [median, min, max].map((value) =>
    value.toFixed(digits),
  );
  return `${middle} (${least}–${most})`;
}

/** Of the time of one core. */
function perSecond({ median }: Spread): string {
  return String(Math.round(NANOS_PER_SECOND / median));
}
