// Prints docs/performance.md and docs/scaling.md with the tables of
// bench/results/ and their pictures.
//
//   node --import tsx scripts/benchmark-tables.ts [--write]
//
// With --write it replaces what is between the markers of the pages:
// "<!-- result NAME -->" and "<!-- /result -->", "<!-- plot NAME -->" and
// "<!-- /plot -->", "<!-- scaling NAME -->" and "<!-- /scaling -->", "<!-- aims -->"
// and "<!-- /aims -->", "<!-- machine -->" and "<!-- /machine -->".
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { aimOutcomes } from "../bench/aims.ts";
import { headlineOf } from "../bench/headline.ts";
import { howText } from "../bench/how-text.ts";
import { machineText } from "../bench/machine.ts";
import { type Metric, metricOf, metricsOf } from "../bench/metrics.ts";
import { PLOTS } from "../bench/plots/plot-list.ts";
import { aimsReport } from "../bench/report.ts";
import { readResults, type ScenarioResult } from "../bench/results-file.ts";
import { scalingText } from "../bench/scaling/scaling-text.ts";
import type { Spread } from "../bench/statistics.ts";
import { table } from "../bench/table.ts";

const BLOCK =
  /(?<=<!-- (result|plot|scaling|aims|machine)(?: ([a-z0-9-]+))? -->\n).*?(?=<!-- \/\1 -->)/gs;

const NOTHING = "_Not measured yet._";

export const benchmarkPages = ["performance", "scaling"].map((name) => {
  return new URL(`../docs/${name}.md`, import.meta.url);
});

/** The page with the tables of those results between its markers. */
export function withBenchmarkTables(
  page: string,
  results: readonly ScenarioResult[],
): string {
  const shown = results.filter(({ scenario }) => {
    return page.includes(`<!-- result ${scenario} -->`);
  });
  return page.replace(BLOCK, (_, kind: string, name: string | undefined) => {
    const text =
      kind === "machine" ? machineLines(shown) : blockText(kind, name, results);
    return `\n${text}\n\n`;
  });
}

function blockText(
  kind: string,
  name: string | undefined,
  results: readonly ScenarioResult[],
): string {
  if (kind === "aims") return aimsReport(aimOutcomes(results));
  if (kind === "scaling") return scalingText(name, results) ?? NOTHING;
  if (kind === "plot") {
    const plot = PLOTS.find((one) => one.name === name);
    const isDrawn = plot?.spec(results) !== undefined;
    return isDrawn ? `![${plot.alt}](images/${plot.name}.svg)` : NOTHING;
  }
  const result = results.find(({ scenario }) => scenario === name);
  return result ? resultText(result) : NOTHING;
}

/** Usually one: where, when and what was measured. */
function machineLines(results: readonly ScenarioResult[]): string {
  const machines = new Map<string, Set<string>>();
  for (const { machine, commit, at } of results) {
    const text = machineText(machine);
    const runs = machines.get(text) ?? new Set();
    machines.set(text, runs.add(`${at.slice(0, 10)} on commit ${commit}`));
  }
  const lines = [...machines].map(([text, runs]) => {
    return `${text}; ${[...runs].join(", ")}.`;
  });
  return lines.join("\n\n");
}

function resultText(result: ScenarioResult): string {
  return `${resultTable(result)}\n\n(${howText(result)}.)`;
}

function resultTable(result: ScenarioResult): string {
  const headline = metricOf(headlineOf(result.scenario));
  const others = metricsOf(result).filter(
    ({ name }) => name !== headline.name && !name.startsWith("user"),
  );
  const [subject = ""] = Object.keys(result.medians);
  const head = [
    "server",
    headline.title,
    `${subject} ÷ it`,
    ...others.map(({ title }) => title),
  ];
  const rows = Object.entries(result.medians).map(([server, spreads]) => [
    server,
    withRange(spreads[headline.name], headline),
    withRange(result.ratios[server]?.[headline.name], { digits: 2, unit: 1 }),
    ...others.map((metric) => middle(spreads[metric.name], metric)),
  ]);
  return table([head, ...rows]);
}

type Shown = Pick<Metric, "digits" | "unit">;

function withRange(spread: Spread | undefined, shown: Shown): string {
  if (!spread) return "–";
  const { min, max } = spread;
  const { digits, unit } = shown;
  const ends = [min, max].map((value) => (value / unit).toFixed(digits));
  return `${middle(spread, shown)} (${ends.join("–")})`;
}

function middle(spread: Spread | undefined, { digits, unit }: Shown): string {
  return spread ? (spread.median / unit).toFixed(digits) : "–";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = readResults();
  for (const file of benchmarkPages) {
    const page = readFileSync(file, "utf8");
    const written = withBenchmarkTables(page, results);
    if (process.argv.includes("--write")) writeFileSync(file, written);
    else process.stdout.write(written);
  }
}
