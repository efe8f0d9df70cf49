import type { WorkerState } from "../workers/worker-state.ts";
import type { WorkerChoice } from "./inspection-request.ts";

/** The facts by which a worker is chosen. */
export interface ChoiceView {
  readonly id: number;
  readonly slot: number;
  readonly state: WorkerState;
  /** Monotonic ms. */
  readonly lastHeartbeatAt: number;
  readonly gauges: { readonly eventLoopUtilization: number };
}

/** The first of these in a slot with two workers. */
const PREFERENCE: readonly WorkerState[] = ["ready", "starting", "draining"];

/** Heartbeats come each second; one that is later shows a blocked loop. */
const LATE_MS = 1_500;

/** Undefined if there is no such worker. */
export function chooseWorker<Worker extends ChoiceView>(
  workers: readonly Worker[],
  choice: WorkerChoice,
  now: number,
): Worker | undefined {
  if (choice === "slowest") return slowestOf(workers, now);
  const possible = workers.filter((worker) => {
    if (choice === "any") return true;
    return "id" in choice
      ? worker.id === choice.id
      : worker.slot === choice.slot;
  });
  for (const wanted of PREFERENCE) {
    const found = possible.find(({ state }) => state === wanted);
    if (found) return found;
  }
  return undefined;
}

/**
 * The ready worker whose event loop is blocked longest, or else the one whose
 * loop was the busiest before its last heartbeat.
 */
function slowestOf<Worker extends ChoiceView>(
  workers: readonly Worker[],
  now: number,
): Worker | undefined {
  const lateness = ({ lastHeartbeatAt }: Worker) => {
    const ageMs = now - lastHeartbeatAt;
    return ageMs > LATE_MS ? ageMs : 0;
  };
  const load = ({ gauges }: Worker) => gauges.eventLoopUtilization;
  return workers
    .filter(({ state }) => state === "ready")
    .sort((one, other) => {
      return lateness(other) - lateness(one) || load(other) - load(one);
    })[0];
}
