import type { TransitionTable } from "../../../shared/state-machine.ts";

/**
 * The states of a worker, as the master sees it. A worker may skip states, but
 * never goes back.
 *
 *   starting ─► ready ─► draining ─► gone
 */
export type WorkerState = "starting" | "ready" | "draining" | "gone";

export const WORKER_TRANSITIONS: TransitionTable<WorkerState> = {
  starting: ["ready", "draining", "gone"],
  ready: ["draining", "gone"],
  draining: ["gone"],
  gone: [],
};

/** The facts about a worker from which decisions are made. */
export interface WorkerView {
  /** 1 … n: its slot in the pool, which its replacement inherits. */
  readonly slot: number;
  readonly generation: number;
  readonly state: WorkerState;
  /** When it was forked. Times are monotonic milliseconds. */
  readonly startedAt: number;
  readonly readyAt: number | undefined;
  readonly drainingSince: number | undefined;
  readonly lastHeartbeatAt: number;
  /** Whether to replace it: it has asked for it, or is over a limit. */
  readonly wantsToRetire: boolean;
}
