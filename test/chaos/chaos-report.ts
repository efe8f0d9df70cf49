import { table } from "../../bench/table.ts";
import type { ChaosOutcome } from "./run-chaos.ts";

export function reportText(outcome: ChaosOutcome): string {
  const { tally, findings, seconds, problems } = outcome;
  const { report, failures, readiness } = findings;
  const { begun, connection, taken, flooded } = failures.explained;
  const explained = begun + connection + taken;
  const operations = tally.rows().map((row) => row.map(String));
  return [
    `${tally.total} operations in ${seconds.toFixed(0)} s`,
    table([["operation", "done", "failed"], ...operations]),
    "",
    `requests: ${report.answered} answered, ` +
      `p99 ${ms(report.latenciesMs.p99)}, longest ${ms(report.latenciesMs.max)}`,
    `failures: ${explained} explained by processes that were killed ` +
      `(${begun} begun, ${connection} on their connections, ${taken} ` +
      `on new ones), ${flooded} by floods (${findings.dropped} connections ` +
      `closed unserved are counted), ${failures.unexplained.length} unexplained, ` +
      `${report.failureCounts.timeout ?? 0} hung`,
    `counters: ${findings.counted} counted, at most ${findings.uncountable} ` +
      `taken by kills, ${findings.scrapes} scrapes`,
    `longest time with too few ready workers: ${ms(readiness.longestBelowMs)}, ` +
      `with none: ${ms(readiness.longestNoneMs)}`,
    ...problems.map((problem) => `PROBLEM: ${problem}`),
  ].join("\n");
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
