import { packageVersion } from "../../shared/package-version.ts";
import type { Listening } from "../sockets/listener-set.ts";
import { replacedSlots } from "../supervisor/rollout/rollout-progress.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import type { Succession } from "../upgrade/incoming-master.ts";
import type { AgentCheck } from "./own-ports.ts";

export interface StatusSources {
  readonly supervisor: Supervisor;
  readonly workers: readonly WorkerHandle[];
  readonly listening: readonly Listening[];
  /** The port for HAProxy, and what it is told there. */
  readonly agentCheck: AgentCheck | undefined;
  readonly startedAt: number;
  readonly now: number;
  readonly requestCountOf: (workerId: number) => number;
  /** In a master that has followed another one. */
  readonly succession?:
    | Pick<Succession, "outcome" | "predecessorPid">
    | undefined;
}

/** Whether requests should be sent here, and if not, why. */
export function readiness(sources: {
  readonly supervisor: Supervisor;
  readonly workers: readonly WorkerHandle[];
}): { readonly isReady: boolean; readonly why: string } {
  const { supervisor, workers } = sources;
  const { minReady } = supervisor.settings;
  const ready = workers.filter(({ state }) => state === "ready").length;
  if (supervisor.isStopping) return { isReady: false, why: "stopping" };
  const why = `${ready} of ${supervisor.target} workers are ready`;
  return { isReady: ready >= minReady, why };
}

/** What `/status` shows. */
export function statusReport(sources: StatusSources) {
  const { supervisor, workers, now } = sources;
  const { isReady, why } = readiness(sources);
  return {
    version: packageVersion(),
    node: process.version,
    pid: process.pid,
    phase: supervisor.phase,
    isReady,
    readiness: why,
    uptimeSeconds: seconds(now - sources.startedAt),
    listening: sources.listening,
    agentCheck: sources.agentCheck ?? null,
    app: supervisor.app ?? null,
    appPath: supervisor.settings.app ?? null,
    generation: supervisor.generation,
    workersWanted: supervisor.target,
    scaling: supervisor.scaling,
    roll: rollReport(sources),
    lastReload: supervisor.lastReload ?? null,
    upgrade: {
      state: supervisor.upgrades.state,
      predecessorPid: sources.succession?.predecessorPid ?? null,
    },
    lastUpgrade:
      supervisor.upgrades.last ?? sources.succession?.outcome ?? null,
    degraded: degradedReport(sources),
    workers: workers.map((worker) => workerReport(worker, sources)),
  };
}

function degradedReport({ supervisor, now }: StatusSources) {
  const { degraded } = supervisor;
  if (!degraded) return null;
  const { since, failures, lastFailure } = degraded;
  return { seconds: seconds(now - since), failures, lastFailure };
}

function rollReport({ supervisor, workers, now }: StatusSources) {
  const { roll, target } = supervisor;
  if (!roll) return null;
  const { generation, phase, startedAt, error } = roll;
  return {
    generation,
    phase,
    replaced: replacedSlots(roll, workers, target),
    of: target,
    seconds: seconds(now - startedAt),
    error: error ?? null,
  };
}

function workerReport(worker: WorkerHandle, sources: StatusSources) {
  const { now, requestCountOf } = sources;
  const { gauges } = worker;
  return {
    slot: worker.slot,
    pid: worker.pid,
    state: worker.state,
    isWarmingUp: isWarmingUp(worker, now),
    generation: worker.generation,
    uptimeSeconds: seconds(now - worker.startedAt),
    connections: gauges.openConnections,
    activeRequests: gauges.activeRequests,
    requests: requestCountOf(worker.id),
    memoryBytes: worker.memoryBytes,
    cpuSeconds: worker.cpuSeconds,
    eventLoopUtilization: Number(gauges.eventLoopUtilization.toFixed(4)),
    heartbeatAgeSeconds: seconds(now - worker.lastHeartbeatAt),
    checks: worker.checks.map(({ name, ageSeconds, failure }) => ({
      name,
      status: failure === undefined ? "pass" : "fail",
      failure: failure ?? null,
      ageSeconds,
    })),
  };
}

/** Whether it gets fewer new connections than others, in slow start. */
function isWarmingUp({ state, readyAt, settings }: WorkerHandle, now: number) {
  if (state !== "ready" || readyAt === undefined) return false;
  return now - readyAt < settings.slowStartMs;
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
