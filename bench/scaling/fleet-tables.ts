import { table } from "../table.ts";
import { ASSUMPTIONS } from "./assumptions.ts";
import type { Costs } from "./costs.ts";
import { figure, percentOf, whole } from "./figure-text.ts";
import {
  balancerMicrosPerRequest,
  type FleetPlan,
  fleetPlan,
  requestsPerMachine,
  seriesPerMachine,
} from "./fleet-plan.ts";

const FLEETS = [10, 100, 1_000];

export function costsTable(costs: Costs): string {
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

export function assumptionsTable(): string {
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
    ["checks of a balancer at an instance", `${a.checksPerSecond} a second`],
    [
      "until one that is ready gets requests; gets its full part",
      `${a.riseSeconds} s; ${a.slowStartSeconds} s more`,
    ],
    [
      "routes; methods and statuses of each",
      `${a.routes}; ${a.outcomesPerRoute}`,
    ],
    ["time series of one Prometheus", `${a.seriesPerPrometheus / 1e6} million`],
    [
      "`drain.preStopDelayMs`; a drain",
      `${a.preStopSeconds} s; ${a.drainSeconds} s`,
    ],
    ["of the fleet away at a time", percentOf(a.shareAway)],
  ]);
}

/** How many machines one of each carries. */
export function limitsTable(costs: Costs): string {
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

export function fleetsTable(costs: Costs): string {
  const plans = FLEETS.map((machines) => {
    return fleetPlan(machines, costs, ASSUMPTIONS);
  });
  const row = (what: string, of: (plan: FleetPlan) => string) => [
    what,
    ...plans.map(of),
  ];
  const cores = (share: number) => `${(share * 100).toFixed(1)} %`;
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
    row("… a balancer on each machine", ({ connections }) =>
      whole(connections.perMachineInMesh),
    ),
    row("… with the PROXY protocol", ({ connections }) =>
      whole(connections.perMachineByProxyProtocol),
    ),
    row("checks/s at a machine", ({ checks }) =>
      figure(checks.perMachinePerSecond),
    ),
    row("… of one core there", ({ checks }) => cores(checks.machineCores)),
    row("… of one core of a balancer", ({ checks }) =>
      cores(checks.balancerCores),
    ),
    row("… there, a balancer on each machine", ({ checks }) =>
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
