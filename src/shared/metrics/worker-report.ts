import type { Totals } from "./totals.ts";

/** The state of a worker at this moment. */
export interface WorkerGauges {
  readonly openConnections: number;
  readonly idleConnections: number;
  readonly activeRequests: number;
  /** Share of the last interval in which the event loop was busy, 0 to 1. */
  readonly eventLoopUtilization: number;
}

/** The latest result of a health check of the app. */
export interface CheckReport {
  readonly name: string;
  readonly ageSeconds: number;
  /** Undefined where the check passes. */
  readonly failure: string | undefined;
}

export interface WorkerReport {
  readonly checks: readonly CheckReport[];
  readonly gauges: WorkerGauges;
  /**
   * Everything counted since the worker started, so a report that arrives twice
   * counts once; of the request series, those that changed since the last one.
   */
  readonly totals: Totals;
}
