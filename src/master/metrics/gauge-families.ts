/** What `/metrics` shows of the present moment. */
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import { family, type MetricFamily, type Sample } from "./metric-family.ts";

export interface GaugeSources {
  /** Workers, the newest of each slot last. */
  readonly workers: readonly WorkerHandle[];
  readonly workersWanted: number;
  readonly isDegraded: boolean;
  readonly isLastConfigGood: boolean;
  readonly version: string;
  readonly now: number;
}

type Workers = readonly WorkerHandle[];

const WORKER_STATES = ["starting", "ready", "draining"] as const;
const CONNECTION_STATES = ["idle", "active"] as const;

export function gaugeFamilies(sources: GaugeSources): MetricFamily[] {
  return [...serverGauges(sources), ...workerGauges(sources)];
}

function serverGauges(sources: GaugeSources): MetricFamily[] {
  const { workers, version } = sources;
  return [
    gauge(
      "http_server_active_requests",
      "Requests being handled",
      sum(workers, ({ gauges }) => gauges.activeRequests),
    ),
    gauges("server_connections", "Open connections", connections(workers)),
    gauges(
      "server_workers",
      "Worker processes by state",
      WORKER_STATES.map((state) => ({
        labels: { state },
        value: workers.filter((worker) => worker.state === state).length,
      })),
    ),
    gauge(
      "server_workers_wanted",
      "Workers that there should be",
      sources.workersWanted,
    ),
    gauge(
      "server_degraded",
      "Whether workers fail again and again: 1 or 0",
      Number(sources.isDegraded),
    ),
    gauge(
      "server_config_last_reload_successful",
      "Whether the settings read last were valid",
      Number(sources.isLastConfigGood),
    ),
    gauges("server_build_info", "Version of the server; always 1", [
      { labels: { version, node: process.version }, value: 1 },
    ]),
  ];
}

/** Of two workers in one slot, the newer is shown. */
function workerGauges({ workers, now }: GaugeSources): MetricFamily[] {
  const newest = [...new Map(workers.map((one) => [one.slot, one])).values()];
  const perWorker = (
    name: string,
    help: string,
    read: (worker: WorkerHandle) => number,
  ) => {
    const samples = newest.map((worker) => {
      return { labels: { worker: worker.slot }, value: read(worker) };
    });
    return gauges(name, help, samples);
  };
  return [
    perWorker(
      "server_worker_resident_memory_bytes",
      "Resident memory of the worker process",
      (worker) => worker.memoryBytes,
    ),
    perWorker(
      "server_worker_eventloop_utilization_ratio",
      "Share of time in which the worker's event loop was busy",
      (worker) => worker.gauges.eventLoopUtilization,
    ),
    perWorker(
      "server_worker_heartbeat_age_seconds",
      "Time since the worker was last heard of",
      (worker) => Math.max(0, now - worker.lastHeartbeatAt) / 1000,
    ),
    perWorker(
      "server_worker_generation",
      "Generation of the worker; a reload brings a higher one",
      (worker) => worker.generation,
    ),
    gauges(
      "server_health_check_up",
      "Whether a health check of the app passes in the worker: 1 or 0",
      newest.flatMap(({ slot, checks }) => {
        return checks.map(({ name, failure }) => ({
          labels: { worker: slot, check: name },
          value: failure === undefined ? 1 : 0,
        }));
      }),
    ),
  ];
}

/** By slot and state, of all workers in the slot. */
function connections(workers: Workers): Sample[] {
  const slots = [...new Set(workers.map(({ slot }) => slot))];
  return slots.flatMap((slot) => {
    const inSlot = workers.filter((worker) => worker.slot === slot);
    return CONNECTION_STATES.map((state) => ({
      labels: { worker: slot, state },
      value: sum(inSlot, ({ gauges }) => {
        const { idleConnections, openConnections } = gauges;
        const idle = Math.min(idleConnections, openConnections);
        return state === "idle" ? idle : openConnections - idle;
      }),
    }));
  });
}

function sum(workers: Workers, read: (worker: WorkerHandle) => number): number {
  return workers.reduce((total, worker) => total + read(worker), 0);
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return gauges(name, help, [{ labels: {}, value }]);
}

function gauges(
  name: string,
  help: string,
  values: readonly Sample[],
): MetricFamily {
  return family("gauge", { name, help }, values);
}
