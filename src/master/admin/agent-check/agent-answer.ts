import type { Readiness } from "../../../shared/readiness.ts";

/** Keeps some requests coming to a server that is alone and at its limit. */
const LEAST_PERCENT = 10;

export interface Capacity {
  readonly readyWorkers: number;
  readonly workersWanted: number;
  /** Mean utilization of the event loops of the ready workers, 0 to 1. */
  readonly utilization: number;
}

/**
 * The share of its weight that a server asks for. The share of ready workers
 * counts in full, their utilization by half. So an instance never reacts to its
 * load by more than its deviation, and the load of several instances settles
 * however late the balancer learns of it.
 */
export function weightPercent(capacity: Capacity): number {
  const { readyWorkers, workersWanted, utilization } = capacity;
  const share = Math.min(1, readyWorkers / Math.max(1, workersWanted));
  const percent = Math.round(100 * share * (1 - utilization / 2));
  return Math.max(LEAST_PERCENT, percent);
}

/** "ready" ends an earlier "drain", "up" an earlier "down". */
export function agentAnswer(
  { isReady, why, isClosing }: Readiness,
  capacity: Capacity,
): string {
  if (isClosing) return "drain";
  if (!isReady) return `down #${why}`;
  return `up ready ${weightPercent(capacity)}%`;
}
