import type { Clock } from "../../../shared/clock.ts";
import type {
  StacksOutcome,
  WorkerStack,
} from "../../../shared/control/control-answer.ts";
import type { WorkerHandle } from "../../supervisor/workers/worker-handle.ts";
import type { WorkerPool } from "../../supervisor/workers/worker-pool.ts";
import { type AdminAnswer, jsonAnswer } from "../admin-server.ts";
import type { InspectionCalls } from "./inspection-calls.ts";
import type { InspectionQuery } from "./read-inspection.ts";

export interface StacksParts {
  readonly calls: InspectionCalls;
  readonly pool: Pick<WorkerPool, "workers">;
  readonly clock: Clock;
}

/** The stacks of all workers, or of those in a slot. */
export async function stacksAnswer(
  { calls, pool, clock }: StacksParts,
  { worker }: InspectionQuery,
): Promise<AdminAnswer> {
  const asked = pool.workers.filter(({ slot }) => {
    return typeof worker === "string" || !("slot" in worker)
      ? true
      : slot === worker.slot;
  });
  if (asked.length === 0) {
    const error = "there is no such worker";
    return jsonAnswer(409, { action: "stacks", result: "refused", error });
  }
  const found = await Promise.all(
    asked.map((each) => stackOf(calls, each, clock.now())),
  );
  const outcome: StacksOutcome = {
    ...{ action: "stacks", result: "success", stacks: found },
  };
  return jsonAnswer(200, outcome);
}

function stackOf(
  calls: InspectionCalls,
  { id, slot, pid, state, lastHeartbeatAt }: WorkerHandle,
  now: number,
): Promise<WorkerStack> {
  const heartbeatAgeSeconds = Math.round(now - lastHeartbeatAt) / 1000;
  const facts = { slot, pid, state, heartbeatAgeSeconds };
  const what = { kind: "stacks" } as const;
  return new Promise((resolve) => {
    let stack: readonly string[] = [];
    const request = { what, worker: { id }, mayStopLast: false };
    calls.begin(request, ({ event }) => {
      if (event.type === "stacks") stack = event.stacks[0] ?? [];
      if (event.type !== "ended") return;
      const isKnown = event.result === "success";
      resolve({ ...facts, stack, ...(!isKnown && { error: event.error }) });
    });
  });
}
