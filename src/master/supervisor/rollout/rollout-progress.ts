import type { WorkerView } from "../workers/worker-state.ts";
import type { Roll } from "./generations.ts";

/**
 * How many slots have what a roll is to bring: a ready worker of its
 * generation, or, while it returns, of the generation before. A canary has
 * replaced nobody yet.
 */
export function replacedSlots(
  roll: Roll,
  workers: readonly WorkerView[],
  target: number,
): number {
  if (roll.phase === "canary") return 0;
  const isBack = roll.phase === "returning";
  const wanted = isBack ? roll.previous.generation : roll.generation;
  const slots = workers
    .filter(({ state, generation }) => {
      return state === "ready" && generation === wanted;
    })
    .map(({ slot }) => slot);
  return new Set(slots.filter((slot) => slot <= target)).size;
}
