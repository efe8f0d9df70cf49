import type {
  DaemonStatus,
  WorkerStatus,
} from "../../../src/cli/daemon/daemon-status.ts";

/** A worker as `/status` has it. */
export function aWorker(given: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    slot: 1,
    pid: 101,
    state: "ready",
    isWarmingUp: false,
    generation: 1,
    uptimeSeconds: 65,
    connections: 3,
    activeRequests: 1,
    requests: 1_200,
    memoryBytes: 50 * 1024 ** 2,
    cpuSeconds: 2,
    eventLoopUtilization: 0.25,
    heartbeatAgeSeconds: 0.4,
    checks: [],
    ...given,
  };
}

export function aStatus(given: Partial<DaemonStatus> = {}): DaemonStatus {
  return {
    version: "1.2.3",
    node: "v24.0.0",
    pid: 100,
    phase: "running",
    isReady: true,
    readiness: "1 of 1 workers are ready",
    uptimeSeconds: 66,
    agentCheck: null,
    listening: [
      {
        ...{ host: "127.0.0.1", port: 8080 },
        ...{ scheme: "http", scheduling: "balanced" },
      },
    ],
    app: "/srv/app.js",
    appPath: "/srv/app.js",
    generation: 1,
    workersWanted: 1,
    scaling: {
      mode: "fixed",
      min: 1,
      max: 1,
      utilization: null,
      lastChange: null,
    },
    roll: null,
    lastReload: null,
    upgrade: { state: "idle", predecessorPid: null },
    lastUpgrade: null,
    degraded: null,
    logLevel: { level: "info", configured: "info", secondsLeft: null },
    workers: [aWorker()],
    ...given,
  };
}
