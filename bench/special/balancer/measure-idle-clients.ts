import { readFileSync } from "node:fs";
import { parsePrivateDirtyBytes } from "../../process-stat.ts";
import { IdleClients } from "../idle/idle-clients.ts";
import type { SpecialFigures } from "../special-scenario.ts";
import type { BalancerContext } from "./balancer.ts";
import { withHaproxy } from "./with-haproxy.ts";

/** They are there before, so that what HAProxy needs once does not count. */
const CONNECTIONS_BEFORE = 1_000;

/** Clients that have asked once and stay; the instance has few of them. */
export function measureIdleClients(
  context: BalancerContext,
): Promise<SpecialFigures> {
  const { children, pinning, effort } = context;
  const connections = effort.idleConnections;
  return withHaproxy(context, {}, async ({ haproxy }) => {
    const clients = new IdleClients(children, pinning.loadCore);
    try {
      const { port, pid } = haproxy;
      await clients.open({ port, connections: CONNECTIONS_BEFORE });
      const before = privateBytes(pid);
      await clients.open({ port, connections });
      const grown = privateBytes(pid) - before;
      return { balancerBytesPerConnection: grown / connections };
    } finally {
      await clients.close();
    }
  });
}

function privateBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return parsePrivateDirtyBytes(text);
}
