import type { ScenarioResult } from "../results-file.ts";

/** What the model is made of; each is the median of a measurement. */
export interface Costs {
  /** Of an instance, for a request through the balancer, without any work. */
  readonly requestMicros: number;
  /** Of the balancer, on connections that are kept on both sides. */
  readonly balancerRequestMicros: number;
  /** Of the balancer, for a connection of a client with its request. */
  readonly balancerConnectionMicros: number;
  /** The same with a full TLS handshake. */
  readonly balancerHandshakeMicros: number;
  /** The same where a session is resumed. */
  readonly balancerResumptionMicros: number;
  readonly balancerCheckMicros: number;
  /** A connection with a request, accepted by the master. */
  readonly instanceConnectionMicros: number;
  readonly balancerIdleBytes: number;
  readonly instanceIdleBytes: number;
  /** What `rateLimit()` in a Redis adds to a request in the instance. */
  readonly countMicros: number;
  /** Of Redis, where an instance has many requests at a time. */
  readonly redisBatchedMicros: number;
  /** Of Redis, where each count comes alone, by a connection of its own. */
  readonly redisAloneMicros: number;
  readonly seriesPerInstance: number;
  readonly seriesPerWorker: number;
  readonly seriesPerRoute: number;
  readonly bytesPerLogLine: number;
  readonly rollMsPerWorker: number;
  readonly startMs: number;
}

/** Of the scenario `stack`, each with one method and status. */
const STACK_ROUTES = 100;
const ROLLED_WORKERS = 2;

/** Undefined where any of them was not measured. */
export function costsOf(results: readonly ScenarioResult[]): Costs | undefined {
  try {
    return readCosts(results);
  } catch (error) {
    if (error instanceof MissingFigure) return undefined;
    throw error;
  }
}

class MissingFigure extends Error {}

function readCosts(results: readonly ScenarioResult[]): Costs {
  const figure = (scenario: string, server: string, metric: string) => {
    const result = results.find((one) => one.scenario === scenario);
    const spread = result?.medians[server]?.[metric];
    if (!spread) throw new MissingFigure(`${scenario} ${server} ${metric}`);
    return spread.median;
  };
  const cpu = "cpuMicrosPerRequest";
  const each = "balancerMicrosPerOperation";
  const redis = "redisMicrosPerRequest";
  const series = (server: string) => {
    return figure("footprint", `remuda-${server}`, "seriesPerInstance");
  };
  return {
    requestMicros: figure("instances", "remuda-1", cpu),
    balancerRequestMicros: figure("balancer", "keep-alive", each),
    balancerConnectionMicros: figure("balancer", "new-connections", each),
    balancerHandshakeMicros: figure("balancer", "new-tls-connections", each),
    balancerResumptionMicros: figure(
      ...(["balancer", "resumed-tls-connections", each] as const),
    ),
    balancerCheckMicros: figure("balancer", "checks", each),
    instanceConnectionMicros: figure("connect", "remuda", cpu),
    balancerIdleBytes: figure(
      ...(["balancer", "idle-clients", "balancerBytesPerConnection"] as const),
    ),
    instanceIdleBytes: figure("idle", "remuda", "bytesPerConnection"),
    countMicros:
      figure("rate-limit", "redis", cpu) - figure("rate-limit", "remuda", cpu),
    redisBatchedMicros: figure("rate-limit", "redis-limited", redis),
    redisAloneMicros: figure("rate-limit", "redis-64-workers", redis),
    seriesPerInstance: series("hello"),
    seriesPerWorker: (series("hello-4-workers") - series("hello")) / 3,
    seriesPerRoute: (series("stack") - series("hello")) / STACK_ROUTES,
    bytesPerLogLine: figure("footprint", "remuda-stack", "bytesPerLogLine"),
    rollMsPerWorker: figure("rolls", "remuda", "rollMs") / ROLLED_WORKERS,
    startMs: figure("cold-start", "remuda-2-workers", "startMs"),
  };
}
