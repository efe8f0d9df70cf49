/**
 * Decides whether the rollout continues after the first worker of a new
 * generation.
 */
import { HEARTBEAT_INTERVAL_MS } from "../../../shared/ipc-messages.ts";
import type { CheckReport } from "../../../shared/metrics/worker-report.ts";
import type { WorkerView } from "../workers/worker-state.ts";
import type { Rollout } from "./generations.ts";

export interface CanaryView extends WorkerView {
  /** Last results of the app's health checks. */
  readonly checks: readonly Pick<CheckReport, "name" | "failure">[];
  readonly memoryBytes: number;
}

export interface CanaryLimits {
  /** Required time in state ready; 0 disables the trial. */
  readonly pauseMs: number;
  /** 0 disables the limit. */
  readonly maxMemoryBytes: number;
}

export type CanaryVerdict =
  | { readonly type: "waiting" }
  | { readonly type: "passed" }
  | { readonly type: "failed"; readonly why: string };

/** A canary without a heartbeat for longer is not healthy, and may be stuck. */
const SILENT_MS = 2.5 * HEARTBEAT_INTERVAL_MS;

/** Ignores the death of a canary, which aborts the rollout elsewhere. */
export function canaryVerdict(
  canary: CanaryView | undefined,
  { pauseMs, maxMemoryBytes }: CanaryLimits,
  now: number,
): CanaryVerdict {
  if (!canary) return { type: "waiting" };
  if (canary.wantsToRetire) {
    return failed("the first new worker asked to be replaced");
  }
  if (canary.state !== "ready") return { type: "waiting" };
  if (pauseMs === 0) return { type: "passed" };
  const failing = canary.checks.find(({ failure }) => failure !== undefined);
  if (failing) {
    const { name, failure } = failing;
    return failed(`check "${name}" failed in the first new worker: ${failure}`);
  }
  const { memoryBytes } = canary;
  if (maxMemoryBytes > 0 && memoryBytes > maxMemoryBytes) {
    return failed(`the first new worker took ${memoryBytes} bytes of memory`);
  }
  const isOver = now - (canary.readyAt ?? now) >= pauseMs;
  const isHeard = now - canary.lastHeartbeatAt < SILENT_MS;
  return { type: isOver && isHeard ? "passed" : "waiting" };
}

function failed(why: string): CanaryVerdict {
  return { type: "failed", why };
}

/**
 * Number of slots with a ready worker of the new generation or, while the
 * rollout returns, of the previous one. A canary replaces no worker.
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
