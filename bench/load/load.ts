import type { Exchange, Scenario } from "../scenarios/scenario.ts";

/** Requests, one after the other on each of so many connections. */
export interface LoadJob {
  readonly port: number;
  /** In that order, again and again. */
  readonly exchanges: readonly Exchange[];
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly pipelining: number;
  readonly seconds: number;
}

export interface LoadResult {
  /** Answers that came. */
  readonly requests: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Errors, time-outs, wrong statuses and wrong bodies. */
  readonly failures: number;
  /** Undefined where the generator cannot tell. */
  readonly latencyMs: Latency | undefined;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** What asks, in a process of its own. */
export interface LoadGenerator {
  readonly name: string;
  /** Why it cannot do a scenario; undefined where it can. */
  refusal(scenario: Scenario): string | undefined;
  /** One job at a time. @throws Error where it does not end in time */
  run(job: LoadJob): Promise<LoadResult>;
  close(): void;
}

/** How long after its job's time a generator may come to its end. */
export const LOAD_GRACE_MS = 15_000;
