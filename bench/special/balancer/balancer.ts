import { connect } from "../../scenarios/connect.ts";
import { hello } from "../../scenarios/hello.ts";
import { HaproxyProcess } from "../instances/haproxy-process.ts";
import type {
  SpecialContext,
  SpecialFigures,
  SpecialScenario,
} from "../special-scenario.ts";
import { measureChecks } from "./measure-checks.ts";
import { measureHandshakes, missingOpenssl } from "./measure-handshakes.ts";
import { measureIdleClients } from "./measure-idle-clients.ts";
import { measureRequests } from "./measure-requests.ts";
import type { HaproxyKind } from "./with-haproxy.ts";

export const BALANCER_EFFORT = {
  connections: 64,
  warmupSeconds: 1,
  seconds: 3,
  idleConnections: 5_000,
};

type Effort = typeof BALANCER_EFFORT;

export interface BalancerContext extends SpecialContext {
  readonly effort: Effort;
}

interface Row {
  missing?(): string | undefined;
  measure(context: BalancerContext): Promise<SpecialFigures>;
}

const PROXY_V2: HaproxyKind = { sendsProxyHeader: true, isShared: false };

const ROWS: Readonly<Record<string, Row>> = {
  "keep-alive": {
    measure: (context) => measureRequests(hello.exchanges, context),
  },
  "new-connections": {
    measure: (context) => measureRequests(connect.exchanges, context),
  },
  "keep-alive-proxy-v2": {
    measure: (context) => measureRequests(hello.exchanges, context, PROXY_V2),
  },
  "new-connections-proxy-v2": {
    measure: (context) => measureRequests(connect.exchanges, context, PROXY_V2),
  },
  // As HAProxy does unless it is told not to: see docs/scaling.md.
  "keep-alive-proxy-v2-reuse": {
    measure: (context) => {
      const kind = { ...PROXY_V2, isShared: true };
      return measureRequests(hello.exchanges, context, kind);
    },
  },
  "new-tls-connections": {
    missing: missingOpenssl,
    measure: (context) => measureHandshakes("full", context),
  },
  "resumed-tls-connections": {
    missing: missingOpenssl,
    measure: (context) => measureHandshakes("resumed", context),
  },
  checks: { measure: measureChecks },
  "idle-clients": { measure: measureIdleClients },
};

/** What each thing that HAProxy does costs it, on a core of its own. */
export const balancer: SpecialScenario = {
  name: "balancer",
  summary: "what HAProxy needs, by what it does",
  servers: Object.keys(ROWS),
  load: "wrk, openssl s_time and own clients",
  rounds: 3,
  effort: BALANCER_EFFORT,
  metrics: [
    { name: "operationsPerSecond", title: "a second", digits: 0 },
    { name: "balancerMicrosPerOperation", title: "CPU µs each", digits: 1 },
    { name: "balancerCoresBusy", title: "of HAProxy's", digits: 2 },
    { name: "instanceMicrosPerOperation", title: "of the instance", digits: 1 },
    {
      name: "balancerBytesPerConnection",
      title: "bytes/connection",
      digits: 0,
    },
  ],
  missing: (server) => HaproxyProcess.missing() ?? rowOf(server).missing?.(),
  measure: (server, context) => {
    const effort = { ...BALANCER_EFFORT, ...context.effort };
    return rowOf(server).measure({ ...context, effort });
  },
};

function rowOf(server: string): Row {
  const row = ROWS[server];
  if (!row) throw new Error(`HAProxy is not measured for "${server}"`);
  return row;
}
