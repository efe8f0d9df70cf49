import type { Readiness } from "../../../shared/readiness.ts";

/** A server at its limit that all others have left still gets some requests. */
const LEAST_PERCENT = 10;

export interface Capacity {
  readonly readyWorkers: number;
  readonly workersWanted: number;
  /** How busy the ready ones are on the mean, 0 to 1. */
  readonly utilization: number;
}

/**
 * How much of its weight a server wants. The share of its workers that are
 * ready counts in full, how busy they are by half: then no instance reacts to
 * its load by more than what it was off by, and what instances send each other
 * settles, however late the balancer hears of it.
 */
export function weightPercent(capacity: Capacity): number {
  const { readyWorkers, workersWanted, utilization } = capacity;
  const share = Math.min(1, readyWorkers / Math.max(1, workersWanted));
  const percent = Math.round(100 * share * (1 - utilization / 2));
  return Math.max(LEAST_PERCENT, percent);
}

/**
 * The line that HAProxy's agent-check is answered with. "ready" ends a "drain"
 * of before, "up" a "down".
 */
export function agentAnswer(
  { isReady, why, isClosing }: Readiness,
  capacity: Capacity,
): string {
  if (isClosing) return "drain";
  if (!isReady) return `down #${why}`;
  return `up ready ${weightPercent(capacity)}%`;
}
