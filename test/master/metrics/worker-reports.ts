import type {
  WorkerHandle,
  WorkerStats,
} from "../../../src/master/supervisor/workers/worker-handle.ts";
import { Histogram } from "../../../src/shared/metrics/histogram.ts";
import type {
  CheckReport,
  RequestSeries,
  WorkerReport,
  WorkerSnapshot,
} from "../../../src/shared/metrics/worker-snapshot.ts";

/** A snapshot that counts nothing but what is given. */
export function snapshotOf(
  given: Partial<WorkerSnapshot> = {},
): WorkerSnapshot {
  return {
    requests: [],
    acceptedConnections: 0,
    connectionsDropped: {},
    requestBodyBytes: 0,
    responseBodyBytes: 0,
    parseErrors: {},
    tlsHandshakeErrors: {},
    proxyHeaderErrors: {},
    requestsShed: {},
    rateLimited: {},
    rateLimitStoreErrors: {},
    lostLogLines: 0,
    eventLoopDelay: new Histogram().values(),
    ...given,
  };
}

/** Requests that took so long, of one route, method and status. */
export function seriesOf(
  labels: Pick<RequestSeries, "method" | "route" | "status">,
  seconds: readonly number[],
): RequestSeries {
  const durations = new Histogram();
  for (const each of seconds) durations.observe(each);
  return { ...labels, ...durations.values() };
}

/** Replaces the given figures of a worker; the others stay. */
export function setStats(
  worker: WorkerHandle,
  given: Partial<WorkerStats>,
): void {
  const { gauges, checks, requestCount } = worker;
  worker.recordStats({ gauges, checks, requestCount, ...given });
}

/** What a worker without work reports. */
export function quietReport(checks: readonly CheckReport[] = []): WorkerReport {
  const gauges = {
    openConnections: 0,
    idleConnections: 0,
    activeRequests: 0,
    eventLoopUtilization: 0,
  };
  return { gauges, snapshot: snapshotOf(), checks };
}
