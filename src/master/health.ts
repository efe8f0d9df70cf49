/** Which workers do not do what they should, by the clock. */
import type { WorkerView } from "./worker-state.ts";

export interface HealthLimits {
  readonly startTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly drainDeadlineMs: number;
}

export type Complaint = "start_timeout" | "stuck" | "drain_timeout";

/** The worker cuts its connections at the deadline; then it has this long. */
const LEAVE_GRACE_MS = 2_000;

/** Why the worker must be killed, if it must. */
export function complaintAbout(
  worker: WorkerView,
  limits: HealthLimits,
  now: number,
): Complaint | undefined {
  const isOver = (since: number, ms: number) => now - since > ms;
  switch (worker.state) {
    case "starting":
      return isOver(worker.startedAt, limits.startTimeoutMs)
        ? "start_timeout"
        : undefined;
    case "ready":
      return isOver(worker.lastHeartbeatAt, limits.heartbeatTimeoutMs)
        ? "stuck"
        : undefined;
    case "draining": {
      const ms = limits.drainDeadlineMs + LEAVE_GRACE_MS;
      return isOver(worker.drainingSince ?? now, ms)
        ? "drain_timeout"
        : undefined;
    }
    case "gone":
      return undefined;
    default:
      return worker.state satisfies never;
  }
}
