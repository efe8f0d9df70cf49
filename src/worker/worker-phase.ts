import type { TransitionTable } from "../shared/state-machine.ts";

/** Phase in the life of a worker process. */
export type WorkerPhase =
  | "starting"
  | "ready"
  | "draining"
  | "stopping"
  | "gone";

export const WORKER_TRANSITIONS: TransitionTable<WorkerPhase> = {
  starting: ["ready", "draining", "gone"],
  ready: ["draining", "gone"],
  draining: ["stopping", "gone"],
  stopping: ["gone"],
  gone: [],
};
