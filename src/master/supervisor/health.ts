/** Which workers do not do what they should, by the clock. */
import type { WorkerView } from "./workers/worker-state.ts";

export interface HealthLimits {
  readonly startTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly drainDeadlineMs: number;
  /** 0 is none. */
  readonly maxWorkerMemoryBytes: number;
}

export type Complaint =
  | "start_timeout"
  | "stuck"
  | "drain_timeout"
  | "memory"
  | "bad_message";

/** The worker cuts its connections at the deadline; then it has this long. */
const LEAVE_GRACE_MS = 2_000;

/**
 * Over the limit a worker is replaced in peace; at so many times the limit it
 * is a danger to all others.
 */
const MEMORY_KILL_FACTOR = 2;

/** What a complaint is about: a worker and what it takes. */
export interface WatchedWorker extends WorkerView {
  readonly memoryBytes: number;
  /** Description of the worker's first protocol violation. */
  readonly violation?: string | undefined;
}

/** Why the worker must be killed, if it must. */
export function complaintAbout(
  worker: WatchedWorker,
  limits: HealthLimits,
  now: number,
): Complaint | undefined {
  if (worker.violation !== undefined && worker.state !== "gone") {
    return "bad_message";
  }
  const { maxWorkerMemoryBytes } = limits;
  const deadlyBytes = maxWorkerMemoryBytes * MEMORY_KILL_FACTOR;
  const isTooLarge = deadlyBytes > 0 && worker.memoryBytes > deadlyBytes;
  if (isTooLarge && worker.state !== "gone") return "memory";
  const isOver = (since: number, ms: number) => now - since > ms;
  const isSilent = ({ lastHeartbeatAt }: WorkerView) =>
    isOver(lastHeartbeatAt, limits.heartbeatTimeoutMs);
  switch (worker.state) {
    case "starting":
      return isOver(worker.startedAt, limits.startTimeoutMs)
        ? "start_timeout"
        : undefined;
    case "ready":
      return isSilent(worker) ? "stuck" : undefined;
    case "draining": {
      const ms = limits.drainDeadlineMs + LEAVE_GRACE_MS;
      const wasReady = worker.readyAt !== undefined;
      if (wasReady && isSilent(worker)) return "stuck";
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
