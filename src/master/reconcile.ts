/**
 * What to do next so that the herd becomes what it should be: late workers
 * out, missing workers in. Pure: the supervisor acts.
 *
 * A rolling restart is nothing but a higher generation: a slot whose ready
 * worker is of a lower one gets a new worker beside it, one slot at a time,
 * and the old one drains once the new one is ready.
 */
import type { WorkerView } from "./worker-state.ts";

export interface HerdGoal {
  /** Slots that should have a worker: 1 … target. */
  readonly target: number;
  /**
   * Slots above the target that keep theirs, while it is open whether the new
   * target comes to be: 1 … spared.
   */
  readonly spared?: number;
  /** Workers below it are late. */
  readonly generation: number;
  /** Slots that must wait, and until when. */
  readonly notBefore: ReadonlyMap<number, number>;
}

export type Step<Worker> =
  | { readonly type: "fork"; readonly slot: number }
  | { readonly type: "drain"; readonly worker: Worker };

export function nextSteps<Worker extends WorkerView>(
  workers: readonly Worker[],
  goal: HerdGoal,
  now: number,
): Step<Worker>[] {
  const staying = workers.filter(isStaying);
  const steps: Step<Worker>[] = [];
  for (const worker of staying) {
    const isDismissed = isSurplus(worker, goal) || isLateStarter(worker, goal);
    if (isDismissed) steps.push({ type: "drain", worker });
  }
  let mayReplace = !staying.some((worker) => {
    return isReplacing(worker, staying) && !isLateStarter(worker, goal);
  });
  for (let slot = 1; slot <= goal.target; slot++) {
    const inSlot = staying.filter((worker) => worker.slot === slot);
    const next = stepInSlot(inSlot, goal);
    const mustWait = (goal.notBefore.get(slot) ?? 0) > now;
    if (next === "fork" && !mustWait) steps.push({ type: "fork", slot });
    if (next === "replace" && mayReplace && !mustWait) {
      mayReplace = false;
      steps.push({ type: "fork", slot });
    }
    if (next === "dismiss") {
      for (const worker of inSlot.filter((one) => isLate(one, goal))) {
        steps.push({ type: "drain", worker });
      }
    }
  }
  return steps;
}

/** Whether every slot has a ready worker that is not late. */
export function isSettled(
  workers: readonly WorkerView[],
  goal: HerdGoal,
): boolean {
  for (let slot = 1; slot <= goal.target; slot++) {
    const isReady = workers.some((worker) => {
      const isHere = worker.slot === slot && worker.state === "ready";
      return isHere && !isLate(worker, goal);
    });
    if (!isReady) return false;
  }
  return true;
}

function stepInSlot(
  inSlot: readonly WorkerView[],
  goal: HerdGoal,
): "none" | "fork" | "replace" | "dismiss" {
  const fresh = inSlot.filter((worker) => !isLate(worker, goal));
  const late = inSlot.filter((worker) => {
    return isLate(worker, goal) && !isLateStarter(worker, goal);
  });
  if (late.length === 0) return fresh.length === 0 ? "fork" : "none";
  if (fresh.length === 0) return "replace";
  const isReady = fresh.some((worker) => worker.state === "ready");
  return isReady ? "dismiss" : "none";
}

function isSurplus({ slot }: WorkerView, goal: HerdGoal): boolean {
  return slot > Math.max(goal.target, goal.spared ?? 0);
}

function isStaying({ state }: WorkerView): boolean {
  return state === "starting" || state === "ready";
}

function isLate(worker: WorkerView, goal: HerdGoal): boolean {
  return worker.generation < goal.generation || worker.wantsToRetire;
}

/** Late before it was ready: nobody needs it any more. */
function isLateStarter(worker: WorkerView, goal: HerdGoal): boolean {
  return worker.state === "starting" && isLate(worker, goal);
}

/** Whether it starts beside an older worker that serves on. */
function isReplacing(
  worker: WorkerView,
  staying: readonly WorkerView[],
): boolean {
  if (worker.state !== "starting") return false;
  return staying.some((other) => {
    return other.slot === worker.slot && other.state === "ready";
  });
}
