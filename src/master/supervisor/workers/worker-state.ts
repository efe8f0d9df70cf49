/**
 * starting ─► ready ─► draining ─► gone; each may end early, none goes back.
 */
export type WorkerState = "starting" | "ready" | "draining" | "gone";

const MOVES: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  starting: ["ready", "draining", "gone"],
  ready: ["draining", "gone"],
  draining: ["gone"],
  gone: [],
};

export function canMove(from: WorkerState, to: WorkerState): boolean {
  return MOVES[from].includes(to);
}

/** What decisions are made from: a worker as the master sees it. */
export interface WorkerView {
  /** 1 … n: its place in the pool; its successor gets the same. */
  readonly slot: number;
  readonly generation: number;
  readonly state: WorkerState;
  /** When it was forked. Times are monotonic milliseconds. */
  readonly startedAt: number;
  readonly readyAt: number | undefined;
  readonly drainingSince: number | undefined;
  readonly lastHeartbeatAt: number;
  /** Whether it asked to be replaced. */
  readonly wantsToRetire: boolean;
}
