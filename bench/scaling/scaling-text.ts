import type { ScenarioResult } from "../results-file.ts";
import { table } from "../table.ts";
import { ASSUMPTIONS } from "./assumptions.ts";
import { type Costs, costsOf } from "./costs.ts";
import {
  balancerMicrosPerRequest,
  type FleetPlan,
  fleetPlan,
  requestsPerMachine,
  seriesPerMachine,
} from "./fleet-plan.ts";
import { instanceCurves } from "./instance-curves.ts";
import { CORES_EACH } from "./limited-scenarios.ts";
import { uslPeak } from "./usl-fit.ts";

const FLEETS = [10, 100, 1_000];

/** What docs/scaling.md says between markers; undefined if not measured. */
export function scalingText(
  name: string | undefined,
  results: readonly ScenarioResult[],
): string | undefined {
  switch (name) {
    case "curves":
      return curvesText(results);
    case "fits":
      return fitsText(results);
    case "costs":
      return withCosts(results, costsTable);
    case "limits":
      return withCosts(results, limitsTable);
    case "fleets":
      return withCosts(results, fleetsTable);
    case "assumptions":
      return assumptionsTable();
    default:
      throw new Error(`docs/scaling.md has no part "${name}"`);
  }
}

function limitedCurves(results: readonly ScenarioResult[]) {
  return Object.entries(CORES_EACH).flatMap(([scenario, cores]) => {
    const result = results.find((one) => one.scenario === scenario);
    if (!result) return [];
    return instanceCurves(result, cores).map((curve) => {
      return { scenario, ...curve };
    });
  });
}

function curvesText(results: readonly ScenarioResult[]): string | undefined {
  const rows = limitedCurves(results).flatMap(({ scenario, server, points }) =>
    points.map(({ instances, median, min, max, fitted, predicted = 0 }) => {
      const alone = points[0]?.median ?? median;
      return [
        scenario,
        server,
        String(instances),
        `${whole(median)} (${whole(min)}–${whole(max)})`,
        (median / alone).toFixed(2),
        whole(predicted),
        percent(median / predicted - 1),
        whole(fitted),
        percent(median / fitted - 1),
      ];
    }),
  );
  if (rows.length === 0) return undefined;
  const head = ["scenario", "server", "instances", "req/s", "÷ one"];
  const models = ["by CPU costs", "off by", "USL", "off by"];
  return table([[...head, ...models], ...rows]);
}

function fitsText(results: readonly ScenarioResult[]): string | undefined {
  const rows = limitedCurves(results).map(({ scenario, server, fit }) => [
    scenario,
    server,
    whole(fit.ratePerInstance),
    fit.contention.toFixed(4),
    fit.coherency.toFixed(5),
    Number.isFinite(uslPeak(fit)) ? whole(uslPeak(fit)) : "none",
  ]);
  if (rows.length === 0) return undefined;
  const head = ["scenario", "server", "λ, req/s", "σ", "κ", "most at"];
  return table([head, ...rows]);
}

function withCosts(
  results: readonly ScenarioResult[],
  text: (costs: Costs) => string,
): string | undefined {
  const costs = costsOf(results);
  return costs && text(costs);
}

function costsTable(costs: Costs): string {
  const micros = (value: number) => `${value.toFixed(1)} µs`;
  return table([
    ["what", "costs", "measured by"],
    [
      "a request in the instance, behind HAProxy",
      micros(costs.requestMicros),
      "`instances`",
    ],
    [
      "a request in HAProxy, kept connections",
      micros(costs.balancerRequestMicros),
      "`balancer`",
    ],
    [
      "a client's connection and a request in HAProxy",
      micros(costs.balancerConnectionMicros),
      "`balancer`",
    ],
    [
      "the same with a full TLS handshake (P-256)",
      micros(costs.balancerHandshakeMicros),
      "`balancer`",
    ],
    [
      "the same with a TLS session that is resumed",
      micros(costs.balancerResumptionMicros),
      "`balancer`",
    ],
    [
      "a health check in HAProxy",
      micros(costs.balancerCheckMicros),
      "`balancer`",
    ],
    [
      "a connection and a request in the instance",
      micros(costs.instanceConnectionMicros),
      "`connect`",
    ],
    [
      "an idle client in HAProxy",
      `${whole(costs.balancerIdleBytes)} bytes`,
      "`balancer`",
    ],
    [
      "an idle connection in the instance",
      `${whole(costs.instanceIdleBytes)} bytes`,
      "`idle`",
    ],
    [
      "a count of `rateLimit()` by Redis, in the instance",
      micros(costs.countMicros),
      "`rate-limit`",
    ],
    [
      "the same in Redis, many at a time",
      micros(costs.redisBatchedMicros),
      "`rate-limit`",
    ],
    [
      "the same in Redis, each alone",
      micros(costs.redisAloneMicros),
      "`rate-limit`",
    ],
    [
      "a worker's replacement in a roll",
      `${whole(costs.rollMsPerWorker)} ms`,
      "`rolls`",
    ],
    [
      "time series of an instance; a further worker; a route and status",
      [costs.seriesPerInstance, costs.seriesPerWorker, costs.seriesPerRoute]
        .map(whole)
        .join("; "),
      "`footprint`",
    ],
    [
      "a line of the access log",
      `${whole(costs.bytesPerLogLine)} bytes`,
      "`footprint`",
    ],
  ]);
}

function assumptionsTable(): string {
  const a = ASSUMPTIONS;
  return table([
    ["assumed", "value"],
    [
      "cores and workers of a machine",
      `${a.coresPerMachine}, ${a.workersPerMachine}`,
    ],
    ["CPU time of the app for a request", `${a.workMicros / 1000} ms`],
    ["time of a request, with what it waits for", `${a.latencyMs} ms`],
    ["how busy cores may be", percentOf(a.utilization)],
    ["cores of a balancer", String(a.coresPerBalancer)],
    ["requests of a client's TLS connection", String(a.requestsPerConnection)],
    ["how long it is kept", `${a.clientIdleSeconds} s`],
    [
      "between two health checks; good ones to get up",
      `${a.checkIntervalSeconds} s; ${a.checksToRise}`,
    ],
    [
      "routes; methods and statuses of each",
      `${a.routes}; ${a.outcomesPerRoute}`,
    ],
    ["time series of one Prometheus", `${a.seriesPerPrometheus / 1e6} million`],
    [
      "`drain.preStopDelayMs`; `drain.lingerMs`",
      `${a.preStopSeconds} s; ${a.drainSeconds} s`,
    ],
    ["of the fleet away at a time", percentOf(a.shareAway)],
  ]);
}

/** How many machines one of each carries. */
function limitsTable(costs: Costs): string {
  const a = ASSUMPTIONS;
  const perMachine = requestsPerMachine(costs, a);
  const perSecond = (micros: number) => (a.utilization * 1e6) / micros;
  const row = (what: string, requestsPerSecond: number) => [
    what,
    whole(requestsPerSecond),
    figure(requestsPerSecond / perMachine),
  ];
  const { balancerRequestMicros, redisAloneMicros, redisBatchedMicros } = costs;
  const tls = balancerMicrosPerRequest(costs, a);
  return table([
    ["what", "req/s", "machines"],
    row("one machine", perMachine),
    row(
      "a core of HAProxy, kept connections",
      perSecond(balancerRequestMicros),
    ),
    row("a core of HAProxy, with TLS", perSecond(tls)),
    row("a balancer, with TLS", perSecond(tls) * a.coresPerBalancer),
    row(
      "a Redis that counts them all, each alone",
      perSecond(redisAloneMicros),
    ),
    row(
      "a Redis that counts them all, many at a time",
      perSecond(redisBatchedMicros),
    ),
    [
      "a Prometheus",
      "–",
      figure(a.seriesPerPrometheus / seriesPerMachine(costs, a)),
    ],
  ]);
}

function fleetsTable(costs: Costs): string {
  const plans = FLEETS.map((machines) => {
    return fleetPlan(machines, costs, ASSUMPTIONS);
  });
  const row = (what: string, of: (plan: FleetPlan) => string) => [
    what,
    ...plans.map(of),
  ];
  const cores = (value: number) => percent(value).replace("+", "");
  return table([
    ["machines", ...FLEETS.map(whole)],
    row("requests/s", (plan) => whole(plan.requestsPerSecond)),
    row("busy cores of HAProxy, with TLS", ({ balancer }) =>
      figure(balancer.cores),
    ),
    row("balancers, one of them spare", ({ balancer }) =>
      whole(balancer.count),
    ),
    row("new TLS connections/s", ({ balancer }) =>
      whole(balancer.newConnectionsPerSecond),
    ),
    row("clients at a balancer", ({ connections }) =>
      whole(connections.clientsPerBalancer),
    ),
    row("their memory in HAProxy, MiB, without TLS", ({ connections }) =>
      whole(connections.clientMibPerBalancer),
    ),
    row("connections of a balancer to a machine", ({ connections }) =>
      whole(connections.perPair),
    ),
    row("… to all machines", ({ connections }) =>
      whole(connections.serversPerBalancer),
    ),
    row("connections at a machine", ({ connections }) =>
      whole(connections.perMachine),
    ),
    row("… with the PROXY protocol", ({ connections }) =>
      whole(connections.perMachineByProxyProtocol),
    ),
    row("health checks/s at a machine", ({ checks }) =>
      figure(checks.perMachinePerSecond),
    ),
    row("… of one core there", ({ checks }) => cores(checks.machineCores)),
    row("… of one core of a balancer", ({ checks }) =>
      cores(checks.balancerCores),
    ),
    row("… at a machine, a balancer on each machine", ({ checks }) =>
      cores(checks.machineCoresInMesh),
    ),
    row("cores of Redis, counts many at a time", ({ redisCores }) =>
      figure(redisCores.batched),
    ),
    row("cores of Redis, each alone", ({ redisCores }) =>
      figure(redisCores.alone),
    ),
    row("time series", ({ metrics }) => whole(metrics.series)),
    row("Prometheus servers", ({ metrics }) => whole(metrics.servers)),
    row("access log, GB a day", ({ logGigabytesPerDay }) =>
      whole(logGigabytesPerDay),
    ),
    row("upgrade one by one, minutes", ({ upgrade }) =>
      figure(upgrade.oneByOneMinutes),
    ),
    row("… in batches", ({ upgrade }) => figure(upgrade.inBatchesMinutes)),
    row("… in batches, by rolls in place", ({ upgrade }) =>
      figure(upgrade.byRollsMinutes),
    ),
  ]);
}

function whole(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Two digits that say something, or all before the point. */
function figure(value: number): string {
  return value < 10 ? value.toFixed(1) : whole(value);
}

function percent(share: number): string {
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
