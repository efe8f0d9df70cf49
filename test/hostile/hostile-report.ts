import { table } from "../../bench/table.ts";
import type { AttackPhase, Phase } from "./arena.ts";
import {
  harmChecks,
  latencyCheck,
  MAX_P99_RATIO,
  mebibytes,
  memoryBounds,
  type Outcome,
  P99_FLOOR_MS,
  p99Ratio,
  SLACK_BYTES,
} from "./judge.ts";
import type { Check } from "./kind.ts";

export function allChecks(outcome: Outcome): Check[] {
  return [...harmChecks(outcome), latencyCheck(outcome)];
}

export function unmet(outcome: Outcome): Check[] {
  return allChecks(outcome).filter(({ isMet }) => !isMet);
}

/** Describes each attack and its effect on well-behaved clients. */
export function report(outcomes: readonly Outcome[]): string {
  const well = [WELL_HEAD, ...outcomes.map(wellRow)];
  const hostile = [HOSTILE_HEAD, ...outcomes.map(hostileRow)];
  return [table(well), table(hostile), NOTES].join("\n\n");
}

const WELL_HEAD = [
  "beside",
  "requests",
  "lost",
  "p50 ms",
  "p99 ms",
  "ratio",
  "max ms",
  "restarts",
  "worker MiB",
  "master MiB",
  "server CPU %",
  "others' CPU %",
  "verdict",
];

const NOTES = `In pairs: alone, then beside the hostile client. The ratio is that of the p99;
one below ${P99_FLOOR_MS} ms counts as ${P99_FLOOR_MS} ms, and ${MAX_P99_RATIO.toFixed(2)} is the most allowed. MiB are peaks of
resident memory, of the larger worker, and in brackets what is allowed: the peak
alone, ${mebibytes(SLACK_BYTES)} MiB for the heap, and so much for each hostile connection as its
kind states. CPU is of one core; what others took of it disturbs the latencies.
The hostile client runs at the lowest priority: it shares two cores with the
server, which no attacker does.`;

function wellRow(outcome: Outcome): string[] {
  const { kind, baseline, attack } = outcome;
  const bounds = memoryBounds(outcome);
  const pair = (of: (phase: Phase) => string) => {
    return `${of(baseline)} → ${of(attack)}`;
  };
  const ms = (name: "p50" | "p99" | "max") => {
    return pair(({ report }) => report.latenciesMs[name].toFixed(2));
  };
  const worker = pair((phase) => mebibytes(Math.max(...phase.workerPeaks)));
  const master = pair((phase) => mebibytes(phase.masterPeak));
  return [
    kind.name,
    pair(({ report }) => String(report.answered)),
    String(attack.report.failureCount + attack.report.idleCloses),
    ms("p50"),
    ms("p99"),
    p99Ratio(outcome).toFixed(2),
    ms("max"),
    String(attack.restarts),
    `${worker} (${mebibytes(bounds.worker)})`,
    `${master} (${mebibytes(bounds.master)})`,
    pair(({ serverCpu }) => percent(serverCpu)),
    `${percent(others(baseline))} → ${percent(others(attack))}`,
    unmet(outcome).length === 0 ? "held" : "HURT",
  ];
}

const HOSTILE_HEAD = [
  "kind",
  "opened",
  "open at most",
  "requests",
  "MiB sent",
  "answers",
  "ended by server",
  "CPU %",
];

function hostileRow({ kind, attack }: Outcome): string[] {
  const { tally, attackCpu } = attack;
  const answers = Object.entries(tally.statuses).map(([status, count]) => {
    return `${count} × ${status}`;
  });
  return [
    kind.name,
    String(tally.opened),
    String(tally.peakOpen),
    String(tally.requests),
    (tally.bytesSent / 2 ** 20).toFixed(2),
    answers.join(", ") || "–",
    String(tally.fins + tally.resets),
    percent(attackCpu),
  ];
}

/** CPU use of unmeasured processes, which disturbs the measurement. */
function others(phase: Phase | AttackPhase): number {
  const { serverCpu, loadCpu, machineCpu } = phase;
  const attackCpu = "attackCpu" in phase ? phase.attackCpu : 0;
  return Math.max(0, machineCpu - serverCpu - loadCpu - attackCpu);
}

function percent(share: number): string {
  return (share * 100).toFixed(0);
}
