import path from "node:path";
import { CpuQuota } from "../../cpu-quota.ts";
import { chooseLoad } from "../../load/choose-load.ts";
import { treePids } from "../../process-tree.ts";
import { runMicros } from "../../run-time.ts";
import type { Exchange } from "../../scenarios/scenario.ts";
import { type ServerSpec, serverSpec } from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import { RedisProcess } from "../redis-process.ts";
import type {
  SpecialContext,
  SpecialFigures,
  SpecialScenario,
} from "../special-scenario.ts";
import { measureCounting } from "./measure-counting.ts";

const SERVERS = path.join(import.meta.dirname, "../../servers/limits");
const EFFORT = { connections: 64, warmupSeconds: 1, seconds: 3 };
/** They are counted apart. */
const CLIENTS = 1_000;
/** In "redis-limited", so that Redis is what all wait for. */
const REDIS_CORES = 0.1;

const COUNTING_WORKERS = 64;
const WITHOUT_INSTANCE = "redis-64-workers";

type Row =
  | "remuda"
  | "worker"
  | "instance"
  | "redis"
  | "redis-limited"
  | "redis-64-workers";

const ROWS: readonly Row[] = [
  "remuda",
  "worker",
  "instance",
  "redis",
  "redis-limited",
  "redis-64-workers",
];

/** What it costs to count requests, and who is full first. */
export const rateLimit: SpecialScenario = {
  name: "rate-limit",
  summary: "hello with rateLimit(): none, by worker, master and Redis",
  servers: ROWS,
  load: "wrk, where it is installed",
  rounds: 3,
  effort: EFFORT,
  metrics: [
    { name: "requestsPerSecond", title: "req/s", digits: 0 },
    { name: "cpuMicrosPerRequest", title: "CPU µs/req", digits: 1 },
    { name: "redisMicrosPerRequest", title: "of Redis", digits: 1 },
    { name: "redisCoresBusy", title: "Redis's cores busy", digits: 2 },
    { name: "countsPerRedisCore", title: "counts/s of a core", digits: 0 },
    { name: "p99Ms", title: "p99 ms", digits: 2 },
  ],
  missing: (server) => missingFor(rowOf(server)),
  measure: (server, context) => {
    const effort = { ...EFFORT, ...context.effort };
    return server === WITHOUT_INSTANCE
      ? measureCounting(COUNTING_WORKERS, effort.seconds, context)
      : measure(rowOf(server), { ...context, effort });
  },
};

function rowOf(server: string): Row {
  const row = ROWS.find((one) => one === server);
  if (!row) throw new Error(`there is no limit "${server}"`);
  return row;
}

function missingFor(row: Row): string | undefined {
  switch (row) {
    case "remuda":
    case "worker":
    case "instance":
      return undefined;
    case "redis":
    case "redis-64-workers":
      return RedisProcess.missing();
    case "redis-limited":
      return RedisProcess.missing() ?? CpuQuota.missing();
    default:
      return row satisfies never;
  }
}

async function measure(
  row: Row,
  { children, pinning, effort }: SpecialContext & { effort: typeof EFFORT },
): Promise<SpecialFigures> {
  const { connections, warmupSeconds, seconds } = effort;
  const load = chooseLoad(undefined, children, pinning.loadCore);
  const redis = row.startsWith("redis")
    ? await RedisProcess.start(children, pinning.loadCore)
    : undefined;
  const quota = row === "redis-limited" ? new CpuQuota(REDIS_CORES) : undefined;
  let server: ServerProcess | undefined;
  try {
    const how = { children, core: pinning.serverCore, isLogged: false };
    server = await ServerProcess.start(specOf(row, redis), how);
    const { port, pid } = server;
    const job = { port, exchanges: EXCHANGES, connections, pipelining: 1 };
    await load.run({ ...job, seconds: warmupSeconds });
    if (redis) quota?.add([redis.pid]);
    const pids = treePids(pid);
    const before = { own: runMicros(pids), redis: redis?.cpuMicros() };
    const { requests, failures, ...took } = await load.run({ ...job, seconds });
    const after = { own: runMicros(pids), redis: redis?.cpuMicros() };
    if (failures > 0) throw new Error(`${failures} requests failed`);
    const figures: SpecialFigures = {
      requestsPerSecond: requests / took.seconds,
      cpuMicrosPerRequest: (after.own - before.own) / requests,
      ...(took.latencyMs && { p99Ms: took.latencyMs.p99 }),
    };
    if (after.redis === undefined || before.redis === undefined) return figures;
    const redisMicros = after.redis - before.redis;
    return {
      ...figures,
      redisMicrosPerRequest: redisMicros / requests,
      redisCoresBusy: redisMicros / 1e6 / took.seconds,
      countsPerRedisCore: (requests * 1e6) / redisMicros,
    };
  } finally {
    load.close();
    await server?.stop();
    await redis?.stop();
    await quota?.close();
  }
}

/** Each client once, then all of them again. */
const EXCHANGES: readonly Exchange[] = Array.from(
  { length: CLIENTS },
  (_, client) => ({
    request: {
      method: "GET",
      path: "/",
      headers: { "X-Client": `client-${client}` },
    },
    answer: {
      status: 200,
      contentType: "text/plain; charset=utf-8",
      body: "Hello World",
    },
  }),
);

function specOf(row: Row, redis: RedisProcess | undefined): ServerSpec {
  const { args, ...spec } = serverSpec("remuda", "hello");
  const [command = "", start = "", , ...flags] = args;
  const app = path.join(SERVERS, `${scopeOf(row)}.js`);
  const url = redis ? [`--rate-limit-redis-url=${redis.url}`] : [];
  return { ...spec, args: [command, start, app, ...flags, ...url] };
}

function scopeOf(row: Row): "none" | "worker" | "instance" | "redis" {
  switch (row) {
    case "remuda":
      return "none";
    case "redis-limited":
    case "redis-64-workers":
      return "redis";
    default:
      return row;
  }
}
