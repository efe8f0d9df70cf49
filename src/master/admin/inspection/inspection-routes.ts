/** Control calls that look into a worker. */
import type { Clock } from "../../../shared/clock.ts";
import type { InspectionAction } from "../../../shared/control/control-answer.ts";
import type { InspectionTask } from "../../../shared/inspection/watchdog-channel.ts";
import type { WorkerPool } from "../../supervisor/workers/worker-pool.ts";
import {
  type AdminActions,
  type AdminAnswer,
  type AdminRequest,
  type AdminStream,
  jsonAnswer,
} from "../admin-server.ts";
import type { InspectionCalls } from "./inspection-calls.ts";
import { inspectorClosed, inspectorOpened } from "./inspector-answer.ts";
import { type InspectionQuery, readInspection } from "./read-inspection.ts";
import { recordingAnswer } from "./recording-answer.ts";
import { stacksAnswer } from "./stacks-answer.ts";

export interface InspectionRouteParts {
  readonly calls: InspectionCalls;
  readonly pool: Pick<WorkerPool, "workers">;
  readonly clock: Clock;
}

type Answer = AdminAnswer | AdminStream | Promise<AdminAnswer>;

/** @param onCall called with each call */
export function inspectionRoutes(
  parts: InspectionRouteParts,
  onCall: (action: InspectionAction) => void,
): AdminActions {
  const route = (
    action: InspectionAction,
    answer: (query: InspectionQuery, request: AdminRequest) => Answer,
  ) => {
    return (request: AdminRequest): Answer => {
      onCall(action);
      const query = readInspection(request.query);
      if (typeof query !== "string") return answer(query, request);
      return jsonAnswer(400, { action, result: "refused", error: query });
    };
  };
  const recording = (
    action: InspectionAction,
    taskOf: (query: InspectionQuery) => InspectionTask,
  ) => {
    return route(action, (query) => {
      return recordingAnswer({
        calls: parts.calls,
        action,
        query,
        what: taskOf(query),
      });
    });
  };
  return new Map([
    [
      "/control/profile",
      recording("profile", ({ recordingSeconds: seconds }) => {
        return { kind: "cpuProfile", seconds };
      }),
    ],
    [
      "/control/heap-profile",
      recording("heapProfile", ({ recordingSeconds: seconds }) => {
        return { kind: "heapProfile", seconds };
      }),
    ],
    [
      "/control/heap-snapshot",
      recording("heapSnapshot", () => ({ kind: "heapSnapshot" })),
    ],
    ["/control/stacks", route("stacks", (query) => stacksAnswer(parts, query))],
    [
      "/control/inspect",
      route("inspect", (query, request) => {
        return request.query.has("close")
          ? inspectorClosed(parts, query)
          : inspectorOpened(parts, query);
      }),
    ],
  ]);
}
