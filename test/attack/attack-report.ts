import { table } from "../../bench/table.ts";
import type { AttackOutcome } from "./run-attack.ts";

const HEAD = [
  "attack",
  "scheduling",
  "strikes",
  "answered",
  "failed",
  "dropped",
  "longest recovery",
  "descriptors",
  "resident",
  "peak",
];

export function reportText(outcomes: readonly AttackOutcome[]): string {
  const problems = outcomes.flatMap(({ attack, scheduling, problems }) => {
    return problems.map((problem) => {
      return `PROBLEM: ${attack.name}, ${scheduling}: ${problem}`;
    });
  });
  return [table([HEAD, ...outcomes.map(row)]), ...problems].join("\n");
}

function row(outcome: AttackOutcome): string[] {
  const { attack, scheduling, during, before, after } = outcome;
  return [
    attack.name,
    scheduling,
    String(outcome.rounds),
    String(during.answered),
    String(during.failureCount),
    String(outcome.dropped),
    `${(outcome.longestRecoveryMs / 1_000).toFixed(1)} s`,
    `${before.descriptors} → ${after.descriptors}`,
    `${mib(before.residentBytes)} → ${mib(after.residentBytes)} MiB`,
    `${mib(outcome.peakResidentBytes)} MiB`,
  ];
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
