import { serverSpec } from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import { HaproxyProcess } from "../instances/haproxy-process.ts";
import type { BalancerContext } from "./balancer.ts";

export interface BalancedInstance {
  readonly haproxy: HaproxyProcess;
  readonly instance: ServerProcess;
}

/** How HAProxy is not as it usually is. */
export interface HaproxyKind {
  readonly certificate?: string;
  readonly isShared?: boolean;
  /** Whether it tells the instance of clients by the PROXY protocol. */
  readonly sendsProxyHeader?: boolean;
}

const PROXY_FLAGS = ["--proxy-protocol=required", "--trust-proxy=127.0.0.1"];

/** HAProxy has a core of its own; the instance shares that of the load. */
export async function withHaproxy<Result>(
  { children, pinning }: BalancerContext,
  { sendsProxyHeader = false, ...kind }: HaproxyKind,
  measure: (running: BalancedInstance) => Promise<Result>,
): Promise<Result> {
  const how = { children, core: pinning.loadCore, isLogged: false };
  const spec = serverSpec("remuda", "hello");
  const args = [...spec.args, ...(sendsProxyHeader ? PROXY_FLAGS : [])];
  const instance = await ServerProcess.start({ ...spec, args }, how);
  try {
    const haproxy = await HaproxyProcess.start({
      children,
      core: pinning.serverCore,
      servers: [
        { port: instance.port, words: sendsProxyHeader ? "send-proxy-v2" : "" },
      ],
      ...kind,
    });
    try {
      return await measure({ haproxy, instance });
    } finally {
      await haproxy.stop();
    }
  } finally {
    await instance.stop();
  }
}
