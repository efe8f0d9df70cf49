import type { ScenarioResult } from "./results-file.ts";
import { ratiosOf } from "./scenario-result.ts";
import type { Spread } from "./statistics.ts";

/** What a ratio, of figures that were measured in one run, should be. */
export type Aim = {
  readonly scenario: string;
  readonly metric: string;
  readonly server: string;
  /** By whose figure the server's is divided; a ratio by itself has none. */
  readonly peer?: string;
  /** What is compared, for people. */
  readonly title: string;
} & ({ readonly atMost: number } | { readonly atLeast: number });

const CPU = { metric: "cpuMicrosPerRequest", server: "remuda" };
const BYTES = { metric: "bytesPerSecond", server: "remuda" };

export const AIMS: readonly Aim[] = [
  {
    ...CPU,
    scenario: "hello",
    peer: "net-floor",
    title: "hello, CPU per request ÷ bare net",
    atMost: 1.15,
  },
  {
    ...CPU,
    scenario: "hello",
    peer: "node-http",
    title: "hello, CPU per request ÷ node:http",
    atMost: 0.6,
  },
  {
    ...CPU,
    scenario: "hello",
    peer: "fastify",
    title: "hello, CPU per request ÷ Fastify",
    atMost: 0.5,
  },
  {
    scenario: "pipelined",
    metric: "requestsPerSecond",
    server: "remuda",
    peer: "node-http",
    title: "16 in flight, requests/s ÷ node:http",
    atLeast: 10,
  },
  {
    ...CPU,
    scenario: "json",
    peer: "fastify",
    title: "JSON POST of 1 KiB, CPU per request ÷ Fastify",
    atMost: 0.55,
  },
  {
    ...CPU,
    scenario: "stack",
    peer: "fastify",
    title: "100 routes with middleware, CPU per request ÷ Fastify",
    atMost: 0.55,
  },
  {
    ...CPU,
    scenario: "log",
    peer: "fastify",
    title: "hello with access log, CPU per request ÷ Fastify",
    atMost: 0.5,
  },
  {
    ...CPU,
    scenario: "stack-log",
    peer: "fastify",
    title: "middleware with access log, CPU per request ÷ Fastify",
    atMost: 0.5,
  },
  {
    ...BYTES,
    scenario: "download",
    peer: "node-http",
    title: "10 MiB down, bytes/s ÷ node:http",
    atLeast: 1,
  },
  {
    ...BYTES,
    scenario: "upload",
    peer: "node-http",
    title: "10 MiB up, bytes/s ÷ node:http",
    atLeast: 1,
  },
  {
    scenario: "connect",
    metric: "requestsPerSecond",
    server: "remuda-shared",
    peer: "cluster-http",
    title: "connection per request, shared, requests/s ÷ node:cluster",
    atLeast: 1.5,
  },
  {
    scenario: "idle",
    metric: "bytesPerConnection",
    server: "remuda",
    peer: "node-http",
    title: "memory of an idle connection ÷ node:http",
    atMost: 0.5,
  },
  {
    scenario: "rolls",
    metric: "p99Ratio",
    server: "remuda",
    title: "p99 during five rolls ÷ p99 without",
    atMost: 2,
  },
];

export interface AimOutcome {
  readonly aim: Aim;
  readonly ratio: Spread;
  /** Whether the median is what it should be. */
  readonly isReached: boolean;
}

/** Of those aims that the results say something about, in their order. */
export function aimOutcomes(
  results: readonly ScenarioResult[],
  aims: readonly Aim[] = AIMS,
): AimOutcome[] {
  return aims.flatMap((aim) => {
    const { scenario, metric, server, peer } = aim;
    const result = results.find((one) => one.scenario === scenario);
    const ratio =
      result && peer !== undefined
        ? ratiosOf(result.samples, server, peer)[metric]
        : result?.medians[server]?.[metric];
    if (!ratio) return [];
    const isReached =
      "atMost" in aim
        ? ratio.median <= aim.atMost
        : ratio.median >= aim.atLeast;
    return [{ aim, ratio, isReached }];
  });
}

/** `≤ 0.60` or `≥ 10`. */
export function aimText(aim: Aim): string {
  return "atMost" in aim
    ? `≤ ${aim.atMost.toFixed(2)}`
    : `≥ ${aim.atLeast < 10 ? aim.atLeast.toFixed(2) : aim.atLeast}`;
}
