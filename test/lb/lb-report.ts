import { table } from "../../bench/table.ts";
import type { KillOutcome } from "./kill-instance.ts";
import type { RollingProof } from "./prove-rolling.ts";

export interface KillRow extends KillOutcome {
  readonly server: string;
}

const ROLLING_HEAD = [
  "upgrade of the fleet",
  "behind",
  "times",
  "answered",
  "by new ones",
  "failed",
  "p99 ms",
  "seconds",
];

const KILL_HEAD = [
  "KILL to an instance",
  "behind",
  "answered",
  "lost in flight",
  "failed later",
  "last after ms",
  "start ms",
  "used again after ms",
];

export function rollingTable(proofs: readonly RollingProof[]): string {
  const rows = proofs.map((proof) => {
    const { way, balancer, times, report, ofNewVersions, seconds } = proof;
    const { answered, failureCount, latenciesMs } = report;
    const figures = [times, answered, ofNewVersions, failureCount];
    return [
      ...[way, balancer, ...figures.map(String)],
      ...[latenciesMs.p99.toFixed(0), seconds.toFixed(0)],
    ];
  });
  return table([ROLLING_HEAD, ...rows]);
}

export function killTable(outcomes: readonly KillRow[]): string {
  const rows = outcomes.map((outcome) => {
    const { server, balancer, answered, lostInFlight, failedLater } = outcome;
    const { lastFailureMs, startMs, backAfterMs } = outcome;
    const times = [lastFailureMs, startMs, backAfterMs];
    return [
      ...[server, balancer],
      ...[answered, lostInFlight, failedLater].map(String),
      ...times.map((ms) => ms.toFixed(0)),
    ];
  });
  return table([KILL_HEAD, ...rows]);
}
