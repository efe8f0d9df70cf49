/** Describes workers in the log, in counters and in errors. */

import type { RestartReason } from "../health/health.ts";
import type { PoolGoal } from "../reconcile.ts";
import type { WorkerHandle } from "./worker-handle.ts";

const BAD_MESSAGE = "a worker broke the protocol";

/** The fields that identify a worker in a log line. */
export function identityOf(worker: WorkerHandle) {
  const { slot, generation, pid } = worker;
  return { worker: slot, generation, workerPid: pid };
}

export function reasonToReplace(
  worker: WorkerHandle,
  goal: PoolGoal,
): RestartReason {
  if (worker.slot > goal.target) return "scale";
  return worker.retireReason ?? "reload";
}

/** Restart reason of a worker that was ready and was killed. */
export function reasonToGiveUp({ killReason }: WorkerHandle): RestartReason {
  if (killReason === "memory" || killReason === "bad_message")
    return killReason;
  return "stuck";
}

/** Reason why a worker never became ready without reporting a failure. */
export function startFailureText({
  killReason,
  violation,
  exit,
}: WorkerHandle): string {
  if (killReason === "bad_message") return `${BAD_MESSAGE} (${violation})`;
  if (killReason === "start_timeout") {
    return "a worker was not ready within startTimeoutMs";
  }
  return `a worker ended ${endOf(exit)} before it was ready`;
}

/** Reason why a ready new worker failed, for the outcome of a rollout. */
export function rolloutFailureText({ killReason, exit }: WorkerHandle): string {
  if (killReason === "stuck") return "a new worker was stuck";
  if (killReason === "memory") return "a new worker took too much memory";
  if (killReason === "bad_message") return BAD_MESSAGE;
  return `a new worker died ${endOf(exit)}`;
}

function endOf(exit: WorkerHandle["exit"]): string {
  return exit?.signal ? `by ${exit.signal}` : `with code ${exit?.code}`;
}

/** Reason why a ready worker failed or is killed. */
export function failureText({
  killReason,
  violation,
  exit,
}: WorkerHandle): string {
  if (killReason === "memory") return "more than twice maxWorkerMemoryBytes";
  if (killReason === "stuck") return "no heartbeat within heartbeatTimeoutMs";
  if (killReason === "bad_message") return `${BAD_MESSAGE} (${violation})`;
  return `ended ${endOf(exit)}`;
}
