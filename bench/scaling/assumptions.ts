/**
 * What nobody can measure for somebody else's service. Times of checks and
 * drains are those of `deploy/haproxy.cfg` and `deploy/remuda.config.js`.
 */
export interface Assumptions {
  readonly coresPerMachine: number;
  /** Of one instance, which is all that runs on a machine. */
  readonly workersPerMachine: number;
  /** CPU time of the app itself for a request. */
  readonly workMicros: number;
  /** How long a request takes, with what it waits for. */
  readonly latencyMs: number;
  /** How busy cores may be, of all kinds. */
  readonly utilization: number;
  readonly coresPerBalancer: number;
  /** Of a client, before its connection ends. */
  readonly requestsPerConnection: number;
  /** How long the balancer keeps a client's connection that is idle. */
  readonly clientIdleSeconds: number;
  /** Of a balancer at an instance: its health, and the agent's word. */
  readonly checksPerSecond: number;
  /** Until a server that is ready gets requests. */
  readonly riseSeconds: number;
  /** How long it then gets fewer of them. */
  readonly slowStartSeconds: number;
  readonly routes: number;
  /** Different methods and statuses of a route. */
  readonly outcomesPerRoute: number;
  /** What one Prometheus should keep at a time. */
  readonly seriesPerPrometheus: number;
  readonly preStopSeconds: number;
  /** How long a drain waits for the balancer to close idle connections. */
  readonly drainSeconds: number;
  /** Of the fleet, that may be away at a time. */
  readonly shareAway: number;
}

export const ASSUMPTIONS: Assumptions = {
  coresPerMachine: 4,
  workersPerMachine: 4,
  workMicros: 1_000,
  latencyMs: 50,
  utilization: 0.6,
  coresPerBalancer: 8,
  requestsPerConnection: 10,
  clientIdleSeconds: 60,
  checksPerSecond: 2,
  riseSeconds: 2,
  slowStartSeconds: 10,
  routes: 100,
  outcomesPerRoute: 3,
  seriesPerPrometheus: 2_000_000,
  preStopSeconds: 5,
  drainSeconds: 16,
  shareAway: 0.1,
};
