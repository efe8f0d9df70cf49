/** What a worker process is about. */
export type WorkerPhase =
  | "starting"
  | "ready"
  | "draining"
  | "stopping"
  | "gone";

const MOVES: Readonly<Record<WorkerPhase, readonly WorkerPhase[]>> = {
  starting: ["ready", "draining", "gone"],
  ready: ["draining", "gone"],
  draining: ["stopping", "gone"],
  stopping: ["gone"],
  gone: [],
};

export function canMove(from: WorkerPhase, to: WorkerPhase): boolean {
  return MOVES[from].includes(to);
}
