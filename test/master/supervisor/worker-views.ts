import type { Step } from "../../../src/master/supervisor/reconcile.ts";
import type {
  WorkerState,
  WorkerView,
} from "../../../src/master/supervisor/workers/worker-state.ts";

/** A worker as decisions see it. */
export function viewOf(
  slot: number,
  state: WorkerState,
  given: Partial<WorkerView> = {},
): WorkerView {
  return {
    slot,
    state,
    generation: 1,
    startedAt: 0,
    readyAt: undefined,
    drainingSince: undefined,
    lastHeartbeatAt: 0,
    wantsToRetire: false,
    ...given,
  };
}

/** Steps as texts: "fork 2", "drain 1.3" (slot 1, generation 3). */
export function textsOf(steps: readonly Step<WorkerView>[]): string[] {
  return steps.map((step) => {
    if (step.type === "fork") return `fork ${step.slot}`;
    return `drain ${step.worker.slot}.${step.worker.generation}`;
  });
}
