import { packageVersion } from "../../shared/package-version.ts";
import type { Listening } from "../sockets/listener-set.ts";
import { replacedSlots } from "../supervisor/rollout/canary.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import type { AgentCheck } from "./master-ports.ts";
import { masterReadiness, type ReadinessSources } from "./server-readiness.ts";

export interface StatusSources extends ReadinessSources {
  readonly listening: readonly Listening[];
  /** The agent-check port and its current answer. */
  readonly agentCheck: AgentCheck | undefined;
  readonly startedAt: number;
  readonly now: number;
}

/** The JSON of `/status`. */
export function statusReport(sources: StatusSources) {
  const { server, workers, now } = sources;
  const { isReady, why } = masterReadiness(sources);
  return {
    version: packageVersion(),
    node: process.version,
    pid: process.pid,
    phase: server.phase,
    isReady,
    readiness: why,
    uptimeSeconds: seconds(now - sources.startedAt),
    listening: sources.listening,
    agentCheck: sources.agentCheck ?? null,
    app: server.app ?? null,
    appPath: server.settings.app ?? null,
    generation: server.generation,
    workersWanted: server.target,
    scaling: server.scaling,
    roll: rolloutReport(sources),
    lastReload: server.lastReload ?? null,
    upgrade: {
      state: upgradeState(server),
      predecessorPid: server.takeOver?.outgoingPid ?? null,
    },
    lastUpgrade: server.upgrades.last ?? server.takeOver?.outcome ?? null,
    degraded: degradedReport(sources),
    logLevel: server.logLevel,
    workers: workers.map((worker) => workerReport(worker, now)),
  };
}

function upgradeState({ upgrades }: SupervisorView) {
  // "settled" only means that the incoming master is announced.
  return upgrades.state === "settled" ? "released" : upgrades.state;
}

function degradedReport({ server, now }: StatusSources) {
  const { degraded } = server;
  if (!degraded) return null;
  const { since, failures, lastFailure } = degraded;
  return { seconds: seconds(now - since), failures, lastFailure };
}

function rolloutReport({ server, workers, now }: StatusSources) {
  const { rollout, target } = server;
  if (!rollout) return null;
  const { generation, phase, startedAt, error } = rollout;
  return {
    generation,
    phase,
    replaced: replacedSlots(rollout, workers, target),
    of: target,
    seconds: seconds(now - startedAt),
    error: error ?? null,
  };
}

function workerReport(worker: WorkerHandle, now: number) {
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
    requests: worker.requestCount,
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

/** Whether slow start limits the new connections of the worker. */
function isWarmingUp({ state, readyAt, settings }: WorkerHandle, now: number) {
  if (state !== "ready" || readyAt === undefined) return false;
  return now - readyAt < settings.slowStartMs;
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
