import { checkAnswer } from "../../check-answer.ts";
import { cpuMicros } from "../../cpu-micros.ts";
import { CpuQuota } from "../../cpu-quota.ts";
import { chooseLoad } from "../../load/choose-load.ts";
import type { LoadGenerator, LoadJob } from "../../load/load.ts";
import { treePids, treeUsage } from "../../process-tree.ts";
import { runMicros } from "../../run-time.ts";
import type { Exchange } from "../../scenarios/scenario.ts";
import {
  type AppName,
  type ServerSpec,
  serverSpec,
} from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import type { SpecialContext, SpecialFigures } from "../special-scenario.ts";
import { HaproxyProcess } from "./haproxy-process.ts";
import type { InstanceRow } from "./instance-rows.ts";

/** What all instances of a scenario have in common. */
export interface Fleet {
  readonly app: AppName;
  readonly exchanges: readonly Exchange[];
  /** What they are asked before. */
  readonly warmup: readonly Exchange[];
  /** How much of a core each instance may use; undefined for all it gets. */
  readonly coresEach: number | undefined;
}

export interface FleetContext extends SpecialContext {
  readonly effort: {
    readonly connections: number;
    readonly warmupSeconds: number;
    readonly seconds: number;
  };
}

/** Of which the throughput and the CPU time are those of all instances. */
interface Running {
  readonly instances: readonly ServerProcess[];
  readonly haproxy: HaproxyProcess | undefined;
}

const WORKERS_EACH = 1;

/** Why it cannot be measured here; undefined where it can. */
export function missingFor(
  row: InstanceRow,
  { app, coresEach }: Fleet,
): string | undefined {
  const noQuota = coresEach === undefined ? undefined : CpuQuota.missing();
  const noHaproxy = row.isDirect ? undefined : HaproxyProcess.missing();
  return noHaproxy ?? noQuota ?? specOf(row, app).missing?.();
}

/** One round: started, warmed up at full speed, limited, measured. */
export async function measureFleet(
  row: InstanceRow,
  fleet: Fleet,
  context: FleetContext,
): Promise<SpecialFigures> {
  const { children, pinning, effort } = context;
  const isPinned = fleet.coresEach !== undefined;
  const loadCore = isPinned ? pinning.loadCore : undefined;
  const core = isPinned ? pinning.serverCore : undefined;
  const load = chooseLoad(undefined, children, loadCore);
  const instances: ServerProcess[] = [];
  const quotas: CpuQuota[] = [];
  let haproxy: HaproxyProcess | undefined;
  try {
    for (let started = 0; started < row.instances; started++) {
      const how = { children, core, isLogged: false };
      const spec = specOf(row, fleet.app);
      instances.push(await ServerProcess.start(spec, how));
    }
    const servers = instances.map(({ port }) => ({ port }));
    if (!row.isDirect) {
      haproxy = await HaproxyProcess.start({
        ...{ children, servers, core: loadCore },
      });
    }
    const port = haproxy?.port ?? (instances[0] as ServerProcess).port;
    const { exchanges } = fleet;
    for (const exchange of exchanges) await checkAnswer(port, exchange);
    const { connections, warmupSeconds, seconds } = effort;
    const job = { port, exchanges, connections, pipelining: 1 };
    await load.run({
      ...job,
      exchanges: fleet.warmup,
      seconds: warmupSeconds,
    });
    for (const { pid } of instances) {
      if (fleet.coresEach === undefined) break;
      const quota = new CpuQuota(fleet.coresEach);
      quotas.push(quota);
      quota.add(treePids(pid));
    }
    const running = { instances, haproxy };
    return await figuresOf(running, load, { ...job, seconds });
  } finally {
    load.close();
    await haproxy?.stop();
    await Promise.all(instances.map((instance) => instance.stop()));
    await Promise.all(quotas.map((quota) => quota.close()));
  }
}

async function figuresOf(
  running: Running,
  load: LoadGenerator,
  job: LoadJob,
): Promise<SpecialFigures> {
  const before = microsOf(running);
  const { requests, seconds, failures, latencyMs } = await load.run(job);
  const after = microsOf(running);
  if (failures > 0) throw new Error(`${failures} requests failed`);
  const used = (of: keyof Micros) => after[of] - before[of];
  return {
    requestsPerSecond: requests / seconds,
    cpuMicrosPerRequest: used("instances") / requests,
    ...(running.haproxy && {
      balancerMicrosPerRequest: used("haproxy") / requests,
      balancerCoresBusy: used("haproxy") / 1e6 / seconds,
    }),
    loadMicrosPerRequest: used("load") / requests,
    instanceCoresBusy: used("instances") / 1e6 / seconds,
    ...(latencyMs && { p50Ms: latencyMs.p50, p99Ms: latencyMs.p99 }),
  };
}

interface Micros {
  readonly instances: number;
  readonly haproxy: number;
  readonly load: number;
}

/** The load is what this process has started and is none of the others. */
function microsOf({ instances, haproxy }: Running): Micros {
  const pids = instances.flatMap(({ pid }) => treePids(pid));
  const ofInstances = runMicros(pids);
  const ofHaproxy = haproxy?.cpuMicros() ?? 0;
  const all = cpuMicros(treeUsage(process.pid));
  return {
    instances: ofInstances,
    haproxy: ofHaproxy,
    load: all - ofInstances - ofHaproxy,
  };
}

function specOf({ server }: InstanceRow, app: AppName): ServerSpec {
  return serverSpec(server, app, { workers: WORKERS_EACH });
}
