import { serverSpec } from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import { HaproxyProcess } from "../instances/haproxy-process.ts";
import type { BalancerContext } from "./balancer.ts";

export interface BalancedInstance {
  readonly haproxy: HaproxyProcess;
  readonly instance: ServerProcess;
}

/** HAProxy has a core of its own; the instance shares that of the load. */
export async function withHaproxy<Result>(
  { children, pinning }: BalancerContext,
  tls: { readonly certificate?: string },
  measure: (running: BalancedInstance) => Promise<Result>,
): Promise<Result> {
  const how = { children, core: pinning.loadCore, isLogged: false };
  const instance = await ServerProcess.start(
    serverSpec("remuda", "hello"),
    how,
  );
  try {
    const haproxy = await HaproxyProcess.start({
      children,
      core: pinning.serverCore,
      servers: [{ port: instance.port }],
      ...tls,
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
