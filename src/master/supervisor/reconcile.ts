/**
 * Computes the steps from the current workers to the goal: late workers out,
 * missing workers in. Pure: the supervisor acts.
 *
 * A rolling restart is a change of the target generation: a slot whose ready
 * worker is of another generation gets a new worker beside it, and the old one
 * drains once the new one is ready. No step empties a slot.
 *
 * Replacements by another generation start `surge` at a time. Other
 * replacements start one at a time, and only while there are none of the first
 * kind. A canary counts as neither, because it is an additional worker.
 */
import type { WorkerView } from "./workers/worker-state.ts";

export interface PoolGoal {
  /** The slots 1 … target should have a worker. */
  readonly target: number;
  /**
   * The slots 1 … spared keep their worker, even above the target, while the
   * rollout that changes the target may still fail.
   */
  readonly spared?: number;
  /** Workers of any other generation are late, even of a newer one. */
  readonly generation: number;
  /** Times until which slots must wait. */
  readonly notBefore: ReadonlyMap<number, number>;
  /**
   * Maximum number of simultaneous replacements by another generation. Default
   * 1.
   */
  readonly surge?: number;
  /**
   * A generation on trial with one worker beside the others. During the trial
   * no ready worker is late.
   */
  readonly canary?: number;
  /** Slots where a ready worker of any generation may stay. */
  readonly excused?: ReadonlySet<number>;
}

/** Limit on exiting workers that never became ready, besides one per slot. */
const SPARE_STARTS = 4;

export type Step<Worker> =
  | {
      readonly type: "fork";
      readonly slot: number;
      readonly generation: number;
    }
  | { readonly type: "drain"; readonly worker: Worker };

export function nextSteps<Worker extends WorkerView>(
  workers: readonly Worker[],
  goal: PoolGoal,
  now: number,
): Step<Worker>[] {
  const staying = workers.filter(isStaying);
  const dismissed = staying.filter((worker) => isDismissed(worker, goal));
  const pool = staying.filter((worker) => !dismissed.includes(worker));
  const slots = slotViews(pool, goal, now);
  const drains = [
    ...dismissed.map(drain),
    ...slots.flatMap(({ replaced }) => replaced.map(drain)),
  ];
  if (areTooManyLeaving(workers, goal)) return drains;
  return [
    ...drains,
    ...[...slotsToFill(slots), ...slotsToReplace(slots, goal)]
      .sort((a, b) => a - b)
      .map((slot) => forkOf(slot, goal.generation)),
    ...canaryToFork(pool, slots, goal),
  ];
}

/**
 * Whether every slot has a ready worker that may stay, and no trial is under
 * way.
 */
export function isSettled(
  workers: readonly WorkerView[],
  goal: PoolGoal,
): boolean {
  if (goal.canary !== undefined) return false;
  const ready = workers.filter(({ state }) => state === "ready");
  for (let slot = 1; slot <= goal.target; slot++) {
    const isServed = ready.some((worker) => {
      return worker.slot === slot && isGood(worker, goal);
    });
    if (!isServed) return false;
  }
  return true;
}

/**
 * Each reload that supersedes another one dismisses starting workers, and
 * starts others. The limit prevents frequent reloads from accumulating
 * processes.
 */
function areTooManyLeaving(
  workers: readonly WorkerView[],
  { target }: PoolGoal,
): boolean {
  const dismissed = workers.filter(({ state, readyAt }) => {
    return state === "draining" && readyAt === undefined;
  });
  return dismissed.length > target + SPARE_STARTS;
}

// --- one slot

/** The workers of a slot, and its need. */
interface SlotView<Worker> {
  readonly slot: number;
  readonly needs: "nothing" | "worker" | "otherGeneration" | "freshWorker";
  /** Whether a worker starts beside a ready one. */
  readonly isInReplacement: boolean;
  readonly mustWait: boolean;
  /** Ready workers whose replacement is ready. */
  readonly replaced: readonly Worker[];
}

function slotViews<Worker extends WorkerView>(
  pool: readonly Worker[],
  goal: PoolGoal,
  now: number,
): SlotView<Worker>[] {
  const views: SlotView<Worker>[] = [];
  for (let slot = 1; slot <= goal.target; slot++) {
    const inSlot = pool.filter((worker) => {
      return worker.slot === slot && worker.generation !== goal.canary;
    });
    const ready = inSlot.filter(({ state }) => state === "ready");
    const best = bestOf(
      ready.filter((worker) => isGood(worker, goal)),
      goal,
    );
    const isStarting = ready.length < inSlot.length;
    views.push({
      slot,
      needs: best || isStarting ? "nothing" : needOf(ready, goal),
      isInReplacement: isStarting && ready.length > 0,
      mustWait: (goal.notBefore.get(slot) ?? 0) > now,
      replaced: best ? ready.filter((worker) => worker !== best) : [],
    });
  }
  return views;
}

function needOf(ready: readonly WorkerView[], goal: PoolGoal) {
  if (ready.length === 0) return "worker";
  const isRecycled = ready.some((worker) => isOfGoodGeneration(worker, goal));
  return isRecycled ? "freshWorker" : "otherGeneration";
}

/** Prefers a worker of the target generation, then the oldest generation. */
function bestOf<Worker extends WorkerView>(
  good: readonly Worker[],
  { generation: wanted }: PoolGoal,
): Worker | undefined {
  const rank = ({ generation }: Worker) => {
    return generation === wanted ? Number.NEGATIVE_INFINITY : generation;
  };
  return [...good].sort((a, b) => rank(a) - rank(b))[0];
}

// --- all slots

function slotsToFill(slots: readonly SlotView<unknown>[]): number[] {
  return slots
    .filter(({ needs, mustWait }) => needs === "worker" && !mustWait)
    .map(({ slot }) => slot);
}

/** Slots for other generations come first, up to the surge limit. */
function slotsToReplace(
  slots: readonly SlotView<unknown>[],
  { surge = 1 }: PoolGoal,
): number[] {
  const underWay = slots.filter((each) => each.isInReplacement).length;
  const waiting = (need: SlotView<unknown>["needs"]) => {
    return slots
      .filter(({ needs, mustWait }) => needs === need && !mustWait)
      .map(({ slot }) => slot);
  };
  const others = waiting("otherGeneration").slice(
    0,
    Math.max(0, surge - underWay),
  );
  if (underWay + others.length > 0) return others;
  return waiting("freshWorker").slice(0, 1);
}

/** Uses the first empty slot, or else slot 1. */
function canaryToFork<Worker extends WorkerView>(
  pool: readonly Worker[],
  slots: readonly SlotView<Worker>[],
  { canary }: PoolGoal,
): Step<Worker>[] {
  if (canary === undefined || slots.length === 0) return [];
  if (pool.some(({ generation }) => generation === canary)) return [];
  const slot = slots.find(({ needs }) => needs === "worker")?.slot ?? 1;
  return [forkOf(slot, canary)];
}

function drain<Worker>(worker: Worker): Step<Worker> {
  return { type: "drain", worker };
}

function forkOf(slot: number, generation: number): Step<never> {
  return { type: "fork", slot, generation };
}

// --- one worker

function isStaying({ state }: WorkerView): boolean {
  return state === "starting" || state === "ready";
}

/** Whether the worker is unneeded, regardless of the workers beside it. */
function isDismissed(worker: WorkerView, goal: PoolGoal): boolean {
  if (worker.slot > Math.max(goal.target, goal.spared ?? 0)) return true;
  return worker.state === "starting" && !isGood(worker, goal);
}

/** Whether the worker may stay. */
function isGood(worker: WorkerView, goal: PoolGoal): boolean {
  return isOfGoodGeneration(worker, goal) && !worker.wantsToRetire;
}

function isOfGoodGeneration(worker: WorkerView, goal: PoolGoal): boolean {
  const { generation, state, slot } = worker;
  if (generation === goal.generation || generation === goal.canary) return true;
  if (state !== "ready") return false;
  return goal.canary !== undefined || (goal.excused?.has(slot) ?? false);
}
