import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { HaproxyProcess } from "../instances/haproxy-process.ts";
import type { SpecialFigures } from "../special-scenario.ts";
import type { BalancerContext } from "./balancer.ts";

const SERVERS = 100;
const INTERVAL_MS = 100;

/**
 * HAProxy with nothing to do but to ask many servers how they are. All of them
 * are one, in this process, which counts.
 */
export async function measureChecks({
  children,
  pinning,
  effort,
}: BalancerContext): Promise<SpecialFigures> {
  let checks = 0;
  const target = createServer((_request, response) => {
    checks++;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(target, "listening");
  const { port } = target.address() as AddressInfo;
  const words = `check inter ${INTERVAL_MS}ms`;
  const servers = Array.from({ length: SERVERS }, () => ({ port, words }));
  const core = pinning.serverCore;
  const haproxy = await HaproxyProcess.start({ children, core, servers });
  try {
    await delay(effort.warmupSeconds * 1000);
    const before = { checks, micros: haproxy.cpuMicros() };
    await delay(effort.seconds * 1000);
    const done = checks - before.checks;
    const micros = haproxy.cpuMicros() - before.micros;
    if (done === 0) throw new Error("HAProxy checks nothing");
    return {
      operationsPerSecond: done / effort.seconds,
      balancerMicrosPerOperation: micros / done,
      balancerCoresBusy: micros / 1e6 / effort.seconds,
    };
  } finally {
    await haproxy.stop();
    target.closeAllConnections();
    target.close();
  }
}
