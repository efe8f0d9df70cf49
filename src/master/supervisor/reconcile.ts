/**
 * What to do next so that the pool becomes what it should be: late workers
 * out, missing workers in. Pure: the supervisor acts.
 *
 * A rolling restart is nothing but another generation: a slot whose ready
 * worker is of a different one gets a new worker beside it, and the old one
 * drains once the new one is ready. No slot is ever emptied by a step.
 *
 * How many may start beside a ready worker at a time: `surge`, where another
 * generation is to come; one, and only while no other does, where a worker
 * asked to be replaced. A canary is neither: it is one worker more.
 */
import type { WorkerView } from "./workers/worker-state.ts";

export interface PoolGoal {
  /** Slots that should have a worker: 1 … target. */
  readonly target: number;
  /**
   * Slots above the target that keep theirs, while it is open whether the new
   * target comes to be: 1 … spared.
   */
  readonly spared?: number;
  /** Workers of any other one are late, newer ones too. */
  readonly generation: number;
  /** Slots that must wait, and until when. */
  readonly notBefore: ReadonlyMap<number, number>;
  /** Replacements by another generation at a time; 1 by default. */
  readonly surge?: number;
  /**
   * A generation on trial: one worker of it, beside those that there are. As
   * long as it is open what will be, none that is ready is of a wrong one.
   */
  readonly canary?: number;
  /** Slots where a ready worker is good enough, of whatever generation. */
  readonly excused?: ReadonlySet<number>;
}

/** Dismissed starts that may be leaving, besides one for each slot. */
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
    ...slots.flatMap(({ outdone }) => outdone.map(drain)),
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

/** Whether every slot has a ready worker that may stay, and none is on trial. */
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
 * Each reload that overtakes another dismisses who starts, and starts others:
 * however often that comes, processes are not to pile up.
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

/** What there is in a slot, and what it needs. */
interface SlotView<Worker> {
  readonly slot: number;
  readonly needs: "nothing" | "worker" | "otherGeneration" | "freshWorker";
  /** A replacement is under way: one starts beside one that is ready. */
  readonly isInReplacement: boolean;
  readonly mustWait: boolean;
  /** Ready ones that a better one has taken the place of. */
  readonly outdone: readonly Worker[];
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
      outdone: best ? ready.filter((worker) => worker !== best) : [],
    });
  }
  return views;
}

function needOf(ready: readonly WorkerView[], goal: PoolGoal) {
  if (ready.length === 0) return "worker";
  const isRecycled = ready.some((worker) => isOfGoodGeneration(worker, goal));
  return isRecycled ? "freshWorker" : "otherGeneration";
}

/** Of the wanted generation; where none is, one that has served for long. */
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

/** Within what may be replaced at a time; the generation goes before. */
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
  const rolled = waiting("otherGeneration").slice(
    0,
    Math.max(0, surge - underWay),
  );
  if (underWay + rolled.length > 0) return rolled;
  return waiting("freshWorker").slice(0, 1);
}

/** Beside the first empty slot's worker to be, or else beside the first. */
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

/** Nobody needs it any more, whatever there is beside it. */
function isDismissed(worker: WorkerView, goal: PoolGoal): boolean {
  if (worker.slot > Math.max(goal.target, goal.spared ?? 0)) return true;
  return worker.state === "starting" && !isGood(worker, goal);
}

/** Whether it may stay. */
function isGood(worker: WorkerView, goal: PoolGoal): boolean {
  return isOfGoodGeneration(worker, goal) && !worker.wantsToRetire;
}

function isOfGoodGeneration(worker: WorkerView, goal: PoolGoal): boolean {
  const { generation, state, slot } = worker;
  if (generation === goal.generation || generation === goal.canary) return true;
  if (state !== "ready") return false;
  return goal.canary !== undefined || (goal.excused?.has(slot) ?? false);
}
