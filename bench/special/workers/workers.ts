import os from "node:os";
import { cpuMicros } from "../../cpu-micros.ts";
import { chooseLoad } from "../../load/choose-load.ts";
import type { LoadGenerator, LoadJob } from "../../load/load.ts";
import { treeUsage } from "../../process-tree.ts";
import { hello } from "../../scenarios/hello.ts";
import { type ServerSpec, serverSpec } from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import type {
  SpecialContext,
  SpecialFigures,
  SpecialScenario,
} from "../special-scenario.ts";

const EFFORT = { connections: 64, warmupSeconds: 1, seconds: 3 };
const CORES = os.availableParallelism();

/** What a second worker adds, and what it costs. */
export const workers: SpecialScenario = {
  name: "workers",
  summary: "hello with one worker and with two",
  servers: ["remuda", "remuda-shared", "cluster-http", "cluster-fastify"],
  load: "wrk, where it is installed",
  // A core for each worker and one for the load would take three.
  pinning: `server and load share ${CORES} cores`,
  rounds: 5,
  effort: EFFORT,
  metrics: [
    { name: "requestsPerSecond1", title: "req/s, 1 worker", digits: 0 },
    { name: "requestsPerSecond2", title: "req/s, 2 workers", digits: 0 },
    { name: "scaling", title: "2 ÷ 1", digits: 2 },
    { name: "coresBusy1", title: "cores busy, 1", digits: 2 },
    { name: "coresBusy2", title: "cores busy, 2", digits: 2 },
    { name: "cpuMicrosPerRequest1", title: "CPU µs/req, 1", digits: 1 },
    { name: "cpuMicrosPerRequest2", title: "CPU µs/req, 2", digits: 1 },
    { name: "loadMicrosPerRequest2", title: "of the load, 2", digits: 1 },
    { name: "possibleScaling", title: "2 ÷ 1 possible", digits: 2 },
  ],
  missing: (server) => specOf(server, 1).missing?.(),
  measure,
};

async function measure(
  server: string,
  { children, effort }: SpecialContext,
): Promise<SpecialFigures> {
  const { connections, warmupSeconds, seconds } = { ...EFFORT, ...effort };
  const load = chooseLoad(undefined, children, undefined);
  const ask = async (count: number): Promise<Run> => {
    const how = { children, core: undefined, isLogged: false };
    const running = await ServerProcess.start(specOf(server, count), how);
    try {
      const { port } = running;
      const { exchanges } = hello;
      const job = { port, exchanges, connections, pipelining: 1 };
      await load.run({ ...job, seconds: warmupSeconds });
      return await runOf(running, load, { ...job, seconds });
    } finally {
      await running.stop();
    }
  };
  try {
    return figures(await ask(1), await ask(2));
  } finally {
    load.close();
  }
}

interface Run {
  readonly requestsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
  /** Of the load generator. */
  readonly loadMicrosPerRequest: number;
}

async function runOf(
  server: ServerProcess,
  load: LoadGenerator,
  job: LoadJob,
): Promise<Run> {
  const before = microsOf(server);
  const { requests, seconds, failures } = await load.run(job);
  const after = microsOf(server);
  if (failures > 0) throw new Error(`${failures} requests failed`);
  return {
    requestsPerSecond: requests / seconds,
    cpuMicrosPerRequest: (after.server - before.server) / requests,
    loadMicrosPerRequest: (after.load - before.load) / requests,
  };
}

/** The load is all that this process has started and is no server. */
function microsOf(server: ServerProcess): { server: number; load: number } {
  const own = cpuMicros(server.usage());
  return { server: own, load: cpuMicros(treeUsage(process.pid)) - own };
}

function figures(one: Run, two: Run): SpecialFigures {
  const busy = (run: Run) => (run.requestsPerSecond * costOf(run)) / 1e6;
  return {
    requestsPerSecond1: one.requestsPerSecond,
    requestsPerSecond2: two.requestsPerSecond,
    scaling: two.requestsPerSecond / one.requestsPerSecond,
    coresBusy1: busy(one),
    coresBusy2: busy(two),
    cpuMicrosPerRequest1: one.cpuMicrosPerRequest,
    cpuMicrosPerRequest2: two.cpuMicrosPerRequest,
    loadMicrosPerRequest1: one.loadMicrosPerRequest,
    loadMicrosPerRequest2: two.loadMicrosPerRequest,
    // With two workers, if no core had waited for anything.
    possibleScaling: (CORES * 1e6) / costOf(two) / one.requestsPerSecond,
  };
}

/** Of a request, on both sides. */
function costOf({ cpuMicrosPerRequest, loadMicrosPerRequest }: Run): number {
  return cpuMicrosPerRequest + loadMicrosPerRequest;
}

function specOf(server: string, workers: number): ServerSpec {
  switch (server) {
    case "remuda":
    case "remuda-shared":
    case "cluster-http":
    case "cluster-fastify":
      return serverSpec(server, "hello", { workers });
    default:
      throw new Error(`there is no server "${server}" with two workers`);
  }
}
