import { checkAnswer } from "../../check-answer.ts";
import { hello } from "../../scenarios/hello.ts";
import { type ServerSpec, serverSpec } from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import type {
  SpecialContext,
  SpecialFigures,
  SpecialScenario,
} from "../special-scenario.ts";

const TWO_WORKERS = "remuda-2-workers";

/** How long a server takes to be of use. */
export const coldStart: SpecialScenario = {
  name: "cold-start",
  summary: "from the start of the process to its first answer",
  servers: [
    "remuda",
    TWO_WORKERS,
    "node-http",
    "fastify",
    "express",
    "hono",
    "cluster-fastify",
    // With its command and its daemon, as none runs yet.
    "pm2-fastify",
  ],
  load: "one request",
  pinning: "server on all cores",
  rounds: 11,
  effort: {},
  metrics: [
    { name: "startMs", title: "ms", digits: 0 },
    { name: "startCpuMs", title: "CPU ms", digits: 0 },
  ],
  missing: (server) => specOf(server).missing?.(),
  measure,
};

async function measure(
  server: string,
  { children }: SpecialContext,
): Promise<SpecialFigures> {
  const [exchange] = hello.exchanges;
  if (!exchange) throw new Error("there is nothing to ask");
  const how = { children, core: undefined, isLogged: false };
  const beganMs = performance.now();
  const running = await ServerProcess.start(specOf(server), how);
  try {
    await checkAnswer(running.port, exchange);
    const startMs = performance.now() - beganMs;
    const usage = running.usage();
    if (!usage) throw new Error("the CPU time of processes is not known here");
    const { userSeconds, systemSeconds } = usage;
    return { startMs, startCpuMs: (userSeconds + systemSeconds) * 1000 };
  } finally {
    await running.stop();
  }
}

function specOf(server: string): ServerSpec {
  switch (server) {
    case TWO_WORKERS:
      return serverSpec("remuda", "hello", { workers: 2 });
    case "remuda":
    case "node-http":
    case "fastify":
    case "express":
    case "hono":
    case "cluster-fastify":
    case "pm2-fastify":
      return serverSpec(server, "hello");
    default:
      throw new Error(`there is no server "${server}" whose start is timed`);
  }
}
