import type { WorkerView } from "../workers/worker-state.ts";
import type { Rollout } from "./generations.ts";

/**
 * Number of slots with a ready worker of the generation that is rolled out, or,
 * while the rollout returns, of the previous one. A canary replaces no worker.
 */
export function replacedSlots(
  rollout: Rollout,
  workers: readonly WorkerView[],
  target: number,
): number {
  if (rollout.phase === "canary") return 0;
  const isBack = rollout.phase === "returning";
  const wanted = isBack ? rollout.previous.generation : rollout.generation;
  const slots = workers
    .filter(({ state, generation }) => {
      return state === "ready" && generation === wanted;
    })
    .map(({ slot }) => slot);
  return new Set(slots.filter((slot) => slot <= target)).size;
}
