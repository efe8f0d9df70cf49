import type { HistogramValues } from "./histogram.ts";

/** Requests of one route, method and status since the worker began. */
export interface RequestSeries extends HistogramValues {
  readonly method: string;
  /** The route's template; "" where no route took the request. */
  readonly route: string;
  readonly status: number;
}

/**
 * What a worker has counted since it began. Everything is cumulative, so a
 * snapshot that comes twice counts once; `requests` has only the series that
 * changed since the snapshot before.
 */
export interface WorkerSnapshot {
  readonly requests: readonly RequestSeries[];
  /** Connections that the worker accepted by itself. */
  readonly acceptedConnections: number;
  /** Connections that it closed unserved, by reason. */
  readonly connectionsDropped: Readonly<Record<string, number>>;
  readonly requestBodyBytes: number;
  readonly responseBodyBytes: number;
  readonly parseErrors: Readonly<Record<string, number>>;
  readonly tlsHandshakeErrors: Readonly<Record<string, number>>;
  readonly proxyHeaderErrors: Readonly<Record<string, number>>;
  /** Requests refused as there was too much to do, by reason. */
  readonly requestsShed: Readonly<Record<string, number>>;
  /** Requests over a rate limit, by its name. */
  readonly rateLimited: Readonly<Record<string, number>>;
  /** Requests that no rate limit could count, by the store that failed. */
  readonly rateLimitStoreErrors: Readonly<Record<string, number>>;
  /** Lines of its log that could not be written. */
  readonly lostLogLines: number;
  readonly eventLoopDelay: HistogramValues;
}

/** How a worker is now. */
export interface WorkerGauges {
  readonly openConnections: number;
  readonly idleConnections: number;
  readonly activeRequests: number;
  /** Share of the last interval in which the event loop was busy, 0 to 1. */
  readonly eventLoopUtilization: number;
}

/** What a health check of the app saw last. */
export interface CheckReport {
  readonly name: string;
  readonly ageSeconds: number;
  /** What is wrong; undefined where nothing is. */
  readonly failure: string | undefined;
}

export interface WorkerReport {
  readonly checks: readonly CheckReport[];
  readonly gauges: WorkerGauges;
  readonly snapshot: WorkerSnapshot;
}
