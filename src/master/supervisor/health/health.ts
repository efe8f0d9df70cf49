/** Decides which workers are unhealthy. */

import type { LabelOf } from "../../../shared/metrics/metric-names.ts";
import type { WorkerView } from "../workers/worker-state.ts";

export interface HealthLimits {
  readonly startTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly drainDeadlineMs: number;
  /** 0 disables the limit. */
  readonly maxWorkerMemoryBytes: number;
}

export type UnhealthyReason =
  | "start_timeout"
  | "stuck"
  | "drain_timeout"
  | "memory"
  | "bad_message";

/** Inspection that stops a worker: a missing heartbeat does not count. */
export type HealthExcuse = "heapSnapshot" | "inspector";

/** Time for a worker to exit after it has cut its connections. */
const LEAVE_GRACE_MS = 2_000;

/**
 * A worker over the memory limit is replaced gracefully; over this multiple of
 * the limit it is killed, because it endangers all others.
 */
const MEMORY_KILL_FACTOR = 2;

export interface HealthView extends WorkerView {
  readonly memoryBytes: number;
  /** Description of the worker's first protocol violation. */
  readonly violation?: string | undefined;
  readonly excuse?: HealthExcuse | undefined;
}

/** Reason to kill the worker; undefined if it is healthy. */
export function unhealthyReason(
  worker: HealthView,
  limits: HealthLimits,
  now: number,
): UnhealthyReason | undefined {
  if (worker.violation !== undefined && worker.state !== "gone") {
    return "bad_message";
  }
  const { maxWorkerMemoryBytes } = limits;
  const deadlyBytes = maxWorkerMemoryBytes * MEMORY_KILL_FACTOR;
  const isTooLarge = deadlyBytes > 0 && worker.memoryBytes > deadlyBytes;
  // A snapshot needs several times the memory of the heap, for a short time.
  const mayBeLarge =
    worker.state === "gone" || worker.excuse === "heapSnapshot";
  if (isTooLarge && !mayBeLarge) return "memory";
  const isOver = (since: number, ms: number) => now - since > ms;
  const isSilent = ({ lastHeartbeatAt, excuse }: HealthView) =>
    !excuse && isOver(lastHeartbeatAt, limits.heartbeatTimeoutMs);
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

/** Reason for the replacement of a worker. */
export type RestartReason = LabelOf<"restarts">;
