import { checkAnswer } from "../../check-answer.ts";
import { chooseLoad } from "../../load/choose-load.ts";
import { treePids } from "../../process-tree.ts";
import { runMicros } from "../../run-time.ts";
import type { Exchange } from "../../scenarios/scenario.ts";
import type { SpecialFigures } from "../special-scenario.ts";
import type { BalancerContext } from "./balancer.ts";
import { type HaproxyKind, withHaproxy } from "./with-haproxy.ts";

/** So many as can be: HAProxy's core is what they wait for. */
export function measureRequests(
  exchanges: readonly Exchange[],
  context: BalancerContext,
  kind: HaproxyKind = {},
): Promise<SpecialFigures> {
  const { children, pinning, effort } = context;
  const { connections, warmupSeconds, seconds } = effort;
  return withHaproxy(context, kind, async ({ haproxy, instance }) => {
    const load = chooseLoad(undefined, children, pinning.loadCore);
    try {
      const { port } = haproxy;
      for (const exchange of exchanges) await checkAnswer(port, exchange);
      const job = { port, exchanges, connections, pipelining: 1 };
      await load.run({ ...job, seconds: warmupSeconds });
      const pids = treePids(instance.pid);
      const before = [haproxy.cpuMicros(), runMicros(pids)] as const;
      const { requests, failures, ...took } = await load.run({
        ...{ ...job, seconds },
      });
      const after = [haproxy.cpuMicros(), runMicros(pids)] as const;
      if (failures > 0) throw new Error(`${failures} requests failed`);
      const micros = after[0] - before[0];
      return {
        operationsPerSecond: requests / took.seconds,
        balancerMicrosPerOperation: micros / requests,
        balancerCoresBusy: micros / 1e6 / took.seconds,
        instanceMicrosPerOperation: (after[1] - before[1]) / requests,
      };
    } finally {
      load.close();
    }
  });
}
