import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ServerSpec, serverSpec } from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import type {
  SpecialContext,
  SpecialFigures,
  SpecialScenario,
} from "../special-scenario.ts";
import { SteadyLoad } from "../steady/steady-load.ts";
import type { PhaseReport } from "../steady/steady-load-process.ts";

const EFFORT = {
  rolls: 5,
  workers: 2,
  requestsPerSecond: 2_000,
  clients: 64,
  warmupSeconds: 3,
};

/** What clients notice of workers that are replaced. */
export const rolls: SpecialScenario = {
  name: "rolls",
  summary: "latency at a steady rate during five rolls, and without",
  servers: ["remuda", "remuda-shared", "pm2-fastify"],
  load: "own clients, from the time a request is due",
  pinning: "server and load on all cores",
  rounds: 5,
  effort: EFFORT,
  metrics: [
    { name: "p99Ms", title: "p99 ms", digits: 2 },
    { name: "aloneP99Ms", title: "p99 ms without", digits: 2 },
    { name: "p99Ratio", title: "p99 ÷ p99 without", digits: 2 },
    { name: "p50Ms", title: "p50 ms", digits: 2 },
    { name: "p999Ms", title: "p99.9 ms", digits: 1 },
    { name: "maxMs", title: "max ms", digits: 1 },
    { name: "lateP99Ms", title: "load late p99 ms", digits: 2 },
    { name: "failures", title: "failures", digits: 0 },
    { name: "rollMs", title: "ms a roll", digits: 0 },
  ],
  missing: (server) => specOf(server, EFFORT.workers).missing?.(),
  measure,
};

async function measure(
  server: string,
  { children, effort }: SpecialContext,
): Promise<SpecialFigures> {
  const { rolls, workers, warmupSeconds, ...load } = { ...EFFORT, ...effort };
  const spec = specOf(server, workers);
  const how = { children, core: undefined, isLogged: false };
  const running = await ServerProcess.start(spec, how);
  try {
    const clients = new SteadyLoad(children, { ...load, port: running.port });
    try {
      await delay(warmupSeconds * 1000);
      // It warms up what replaces workers, and tells how long that takes.
      const trialMs = await rollTimes(running, 1);
      await delay(warmupSeconds * 1000);
      await clients.nextPhase();
      await delay(trialMs * rolls);
      const alone = await clients.nextPhase();
      const rollsMs = await rollTimes(running, rolls);
      const during = await clients.nextPhase();
      return figures(during, alone, rollsMs / rolls);
    } finally {
      await clients.close();
    }
  } finally {
    await running.stop();
  }
}

/** One after the other. @returns how long all of them took */
async function rollTimes(
  server: ServerProcess,
  count: number,
): Promise<number> {
  const beganMs = performance.now();
  for (let done = 0; done < count; done++) {
    await server.signal("SIGHUP", "reloaded");
  }
  return performance.now() - beganMs;
}

function figures(
  during: PhaseReport,
  alone: PhaseReport,
  rollMs: number,
): SpecialFigures {
  if (alone.failure !== undefined) throw new Error(alone.failure);
  const { requests, failures, failure, ...latencies } = during;
  if (failure !== undefined) process.stderr.write(`${failure}\n`);
  return {
    ...latencies,
    requests,
    failures,
    aloneP50Ms: alone.p50Ms,
    aloneP99Ms: alone.p99Ms,
    aloneP999Ms: alone.p999Ms,
    aloneMaxMs: alone.maxMs,
    aloneLateP99Ms: alone.lateP99Ms,
    p99Ratio: during.p99Ms / alone.p99Ms,
    rollMs,
  };
}

function specOf(server: string, workers: number): ServerSpec {
  switch (server) {
    case "remuda":
    case "remuda-shared":
      return serverSpec(server, "hello", { workers });
    case "pm2-fastify": {
      const { args, ...spec } = serverSpec(server, "hello", { workers });
      // What it starts by itself answers nothing more when it is asked to end.
      const gentle = path.join(import.meta.dirname, "servers/fastify.js");
      return { ...spec, args: args.with(1, gentle) };
    }
    default:
      throw new Error(`there is no server "${server}" that is rolled`);
  }
}
