import type { AttackPhase, Phase } from "./arena.ts";
import { type Check, check, type HostileKind } from "./kind.ts";

export interface Outcome {
  readonly kind: HostileKind;
  readonly scale: number;
  readonly baseline: Phase;
  readonly attack: AttackPhase;
}

/** Limit on the p99 under attack, as a multiple of the p99 without attack. */
export const MAX_P99_RATIO = 2;

/**
 * A lower p99 counts as this value: when six processes compete for two cores,
 * scheduling noise exceeds smaller values.
 */
export const P99_FLOOR_MS = 1;

/**
 * Memory that a process may need regardless of its clients: the young
 * generation of V8's heap grows to 48 MiB under load, and the old one grows
 * until a collection.
 */
export const SLACK_BYTES = 64 * 2 ** 20;

export function p99Ratio({ baseline, attack }: Outcome): number {
  const beside = Math.max(baseline.report.latenciesMs.p99, P99_FLOOR_MS);
  return Math.max(attack.report.latenciesMs.p99, P99_FLOOR_MS) / beside;
}

/** Limits on resident memory of a worker and of the master. */
export function memoryBounds(outcome: Outcome): {
  readonly worker: number;
  readonly master: number;
} {
  const { kind, scale, baseline } = outcome;
  const connections = kind
    .groups(scale)
    .reduce((sum, group) => sum + group.connections, 0);
  const share = Math.ceil(connections / baseline.workerPeaks.length);
  return {
    worker:
      Math.max(...baseline.workerPeaks) +
      SLACK_BYTES +
      share * kind.bytesPerConnection,
    master: baseline.masterPeak + SLACK_BYTES,
  };
}

/** Checks that do not depend on the speed of the machine. */
export function harmChecks(outcome: Outcome): Check[] {
  const { kind, baseline, attack } = outcome;
  const { report, restarts } = attack;
  const failed = baseline.report.failureCount + report.failureCount;
  const bounds = memoryBounds(outcome);
  const workerPeak = Math.max(...attack.workerPeaks);
  const { descriptorsBefore, descriptorsAfter } = attack;
  return [
    check("requests are answered", report.answered > 0, report.answered),
    check("none fails", failed === 0, failures(outcome)),
    check("no connection is lost", report.idleCloses === 0, report.idleCloses),
    check("no worker restarts", restarts === 0, restarts),
    within("memory of a worker", workerPeak, bounds.worker),
    within("memory of the master", attack.masterPeak, bounds.master),
    check(
      "descriptors are given back",
      descriptorsAfter <= descriptorsBefore,
      `${descriptorsBefore} before, ${descriptorsAfter} after`,
    ),
    ...kind.defence(attack),
  ];
}

export function latencyCheck(outcome: Outcome): Check {
  const ratio = p99Ratio(outcome);
  const found = `${ratio.toFixed(2)} times`;
  const what = `p99 within ${MAX_P99_RATIO} times of the baseline`;
  return check(what, ratio <= MAX_P99_RATIO, found);
}

export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function within(what: string, bytes: number, bound: number): Check {
  const found = `${mebibytes(bytes)} of ${mebibytes(bound)} MiB`;
  return check(what, bytes <= bound, found);
}

function failures({ baseline, attack }: Outcome): string {
  const all = [baseline, attack].flatMap(({ report }) => report.failures);
  const counted = baseline.report.failureCount + attack.report.failureCount;
  const [first] = all;
  return first ? `${counted}, as ${JSON.stringify(first)}` : "0";
}
