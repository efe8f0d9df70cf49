import type { InspectorOutcome } from "../../../shared/control/control-answer.ts";
import type { WorkerPool } from "../../supervisor/workers/worker-pool.ts";
import { type AdminAnswer, jsonAnswer } from "../admin-server.ts";
import type { InspectionCalls } from "./inspection-calls.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { InspectionQuery } from "./read-inspection.ts";

export interface InspectorParts {
  readonly calls: InspectionCalls;
  readonly pool: Pick<WorkerPool, "workers">;
}

/** Answers when the inspector of Node.js listens in the worker. */
export function inspectorOpened(
  { calls }: InspectorParts,
  { worker, inspectorSeconds }: InspectionQuery,
): Promise<AdminAnswer> {
  const openMs = inspectorSeconds * 1000;
  const what = { kind: "inspector", openMs } as const;
  const action = "inspect";
  return new Promise((resolve) => {
    const request = { what, worker, mayStopLast: false };
    calls.begin(request, ({ worker: opened, event }) => {
      if (event.type === "opened") {
        const { slot = 0, pid = 0 } = opened ?? {};
        const { url } = event;
        const outcome: InspectorOutcome = {
          ...{ action, result: "success", slot, pid, url },
        };
        resolve(jsonAnswer(200, outcome));
      } else if (event.type === "ended") {
        const status = event.result === "refused" ? 409 : 500;
        resolve(jsonAnswer(status, outcomeOf(action, event)));
      }
    });
  });
}

/** Answers when it is closed. */
export async function inspectorClosed(
  { calls, pool }: InspectorParts,
  { worker }: InspectionQuery,
): Promise<AdminAnswer> {
  const open = pool.workers.filter(({ slot, excuse }) => {
    const isMeant = typeof worker === "string" || slotIn(worker) === slot;
    return isMeant && excuse === "inspector";
  });
  const action = "inspect";
  if (open.length === 0) {
    const error = "no inspector is open there";
    return jsonAnswer(409, { action, result: "refused", error });
  }
  await Promise.all(open.map(({ slot }) => calls.closeInspector(slot)));
  return jsonAnswer(200, { action, result: "success" });
}

function slotIn(choice: object): number | undefined {
  return "slot" in choice ? Number(choice.slot) : undefined;
}
