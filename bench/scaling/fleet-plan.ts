import type { Assumptions } from "./assumptions.ts";
import type { Costs } from "./costs.ts";

/** What a fleet of so many machines asks of everything around it. */
export interface FleetPlan {
  readonly machines: number;
  readonly requestsPerSecond: number;
  readonly balancer: BalancerPlan;
  readonly connections: ConnectionPlan;
  readonly checks: CheckPlan;
  /** Cores of Redis, by how many counts come at a time. */
  readonly redisCores: { readonly batched: number; readonly alone: number };
  readonly metrics: {
    readonly series: number;
    readonly servers: number;
  };
  readonly logGigabytesPerDay: number;
  readonly upgrade: UpgradePlan;
}

export interface BalancerPlan {
  /** Busy ones. */
  readonly cores: number;
  /** Of which one may be away. */
  readonly count: number;
  readonly newConnectionsPerSecond: number;
}

export interface ConnectionPlan {
  readonly clientsPerBalancer: number;
  readonly clientMibPerBalancer: number;
  /** From one balancer to one instance, in a peak. */
  readonly perPair: number;
  readonly serversPerBalancer: number;
  readonly perMachine: number;
  /** The same with a balancer on each machine that connects to all. */
  readonly perMachineInMesh: number;
  /** And where clients' connections are not shared: PROXY protocol. */
  readonly perMachineByProxyProtocol: number;
}

export interface CheckPlan {
  readonly perMachinePerSecond: number;
  /** Of one core, on a machine and on a balancer. */
  readonly machineCores: number;
  readonly balancerCores: number;
  /** On a machine, if each machine had a balancer of its own. */
  readonly machineCoresInMesh: number;
}

export interface UpgradePlan {
  readonly oneByOneMinutes: number;
  readonly inBatchesMinutes: number;
  /** A roll by HUP of all machines of a batch. */
  readonly byRollsMinutes: number;
}

/** The least pair is one that can lose one. */
const LEAST_BALANCERS = 2;
/** Of a Poisson distribution: more are needed once in a thousand times. */
const PEAK_DEVIATIONS = 3;

export function requestsPerMachine(
  costs: Costs,
  { coresPerMachine, utilization, workMicros }: Assumptions,
): number {
  const each = workMicros + costs.requestMicros;
  return (coresPerMachine * utilization * 1e6) / each;
}

/** Of the balancer, for a request with its part of a TLS connection. */
export function balancerMicrosPerRequest(
  costs: Costs,
  { requestsPerConnection }: Assumptions,
): number {
  const { balancerRequestMicros, balancerHandshakeMicros } = costs;
  const handshake = balancerHandshakeMicros - balancerRequestMicros;
  return balancerRequestMicros + handshake / requestsPerConnection;
}

export function fleetPlan(
  machines: number,
  costs: Costs,
  assumed: Assumptions,
): FleetPlan {
  const requestsPerSecond = machines * requestsPerMachine(costs, assumed);
  const balancer = balancerPlan(requestsPerSecond, costs, assumed);
  const counts = requestsPerSecond / 1e6 / assumed.utilization;
  const series = machines * seriesPerMachine(costs, assumed);
  return {
    machines,
    requestsPerSecond,
    balancer,
    connections: connectionPlan(machines, balancer, { costs, assumed }),
    checks: checkPlan(machines, balancer, { costs, assumed }),
    redisCores: {
      batched: counts * costs.redisBatchedMicros,
      alone: counts * costs.redisAloneMicros,
    },
    metrics: {
      series,
      servers: Math.ceil(series / assumed.seriesPerPrometheus),
    },
    logGigabytesPerDay:
      (requestsPerSecond * costs.bytesPerLogLine * SECONDS_PER_DAY) / 1e9,
    upgrade: upgradePlan(machines, costs, assumed),
  };
}

const SECONDS_PER_DAY = 86_400;

function balancerPlan(
  requestsPerSecond: number,
  costs: Costs,
  assumed: Assumptions,
): BalancerPlan {
  const { coresPerBalancer, utilization, requestsPerConnection } = assumed;
  const micros = balancerMicrosPerRequest(costs, assumed);
  const cores = (requestsPerSecond * micros) / 1e6;
  const busy = Math.ceil(cores / (coresPerBalancer * utilization));
  return {
    cores,
    count: Math.max(LEAST_BALANCERS, busy + 1),
    newConnectionsPerSecond: requestsPerSecond / requestsPerConnection,
  };
}

interface Basis {
  readonly costs: Costs;
  readonly assumed: Assumptions;
}

/** Little's law, twice: for requests in flight, and for connections. */
function connectionPlan(
  machines: number,
  { count, newConnectionsPerSecond }: BalancerPlan,
  { costs, assumed }: Basis,
): ConnectionPlan {
  const { latencyMs, clientIdleSeconds } = assumed;
  const clients = newConnectionsPerSecond * clientIdleSeconds;
  const perSecond = requestsPerMachine(costs, assumed);
  const inFlight = (perSecond * latencyMs) / 1000;
  const perPair = peakOf(inFlight / count);
  return {
    clientsPerBalancer: clients / count,
    clientMibPerBalancer: (clients * costs.balancerIdleBytes) / count / 2 ** 20,
    perPair,
    serversPerBalancer: perPair * machines,
    perMachine: perPair * count,
    perMachineInMesh: peakOf(inFlight / machines) * machines,
    perMachineByProxyProtocol: clients / machines,
  };
}

function peakOf(mean: number): number {
  return Math.ceil(mean + PEAK_DEVIATIONS * Math.sqrt(mean));
}

function checkPlan(
  machines: number,
  { count }: BalancerPlan,
  { costs, assumed }: Basis,
): CheckPlan {
  const { checksPerSecond } = assumed;
  const { balancerCheckMicros, instanceConnectionMicros } = costs;
  const perMachinePerSecond = count * checksPerSecond;
  const machine = instanceConnectionMicros / 1e6;
  return {
    perMachinePerSecond,
    machineCores: perMachinePerSecond * machine,
    balancerCores: (machines * checksPerSecond * balancerCheckMicros) / 1e6,
    machineCoresInMesh: machines * checksPerSecond * machine,
  };
}

export function seriesPerMachine(costs: Costs, assumed: Assumptions): number {
  const { seriesPerInstance, seriesPerWorker, seriesPerRoute } = costs;
  const { workersPerMachine, routes, outcomesPerRoute } = assumed;
  return (
    seriesPerInstance +
    seriesPerWorker * (workersPerMachine - 1) +
    seriesPerRoute * routes * outcomesPerRoute
  );
}

function upgradePlan(
  machines: number,
  { startMs, rollMsPerWorker }: Costs,
  assumed: Assumptions,
): UpgradePlan {
  const { preStopSeconds, drainSeconds, shareAway } = assumed;
  const { riseSeconds, slowStartSeconds, workersPerMachine } = assumed;
  const stop = preStopSeconds + drainSeconds;
  const restart = stop + startMs / 1000 + riseSeconds + slowStartSeconds;
  const roll = (workersPerMachine * rollMsPerWorker) / 1000 + drainSeconds;
  const batches = Math.ceil(
    machines / Math.max(1, Math.floor(machines * shareAway)),
  );
  return {
    oneByOneMinutes: (machines * restart) / 60,
    inBatchesMinutes: (batches * restart) / 60,
    byRollsMinutes: (batches * roll) / 60,
  };
}
