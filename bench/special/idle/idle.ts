import path from "node:path";
import { type ServerSpec, serverSpec } from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import type {
  SpecialContext,
  SpecialFigures,
  SpecialScenario,
} from "../special-scenario.ts";
import { IdleClients } from "./idle-clients.ts";
import { MemoryReport, type ServerMemory } from "./memory-report.ts";

const SERVERS = path.join(import.meta.dirname, "servers");

const EFFORT = { connections: 10_000, connectionsBefore: 2_000 };
/** They come and go before: code is compiled then, and V8's heap has grown. */
const WARMUP_CONNECTIONS = 20_000;
const WARMUP_AT_A_TIME = 64;

/** What a keep-alive connection costs that has nothing to do. */
export const idle: SpecialScenario = {
  name: "idle",
  summary: "memory for each of 10,000 keep-alive connections that are idle",
  servers: ["remuda", "node-http", "fastify", "net-floor"],
  load: "own clients",
  rounds: 5,
  effort: EFFORT,
  metrics: [
    { name: "bytesPerConnection", title: "bytes/connection", digits: 0 },
    { name: "heapBytesPerConnection", title: "of it V8's heap", digits: 0 },
    { name: "mibBefore", title: "MiB before", digits: 1 },
  ],
  missing: (server) => specOf(server).missing?.(),
  measure,
};

/**
 * The growth from some connections to many more, so that what the first ones
 * need, compiled code and the like, is not counted. Garbage does not count
 * either: it depends on when V8 last looked, not on the server.
 */
async function measure(
  server: string,
  context: SpecialContext,
): Promise<SpecialFigures> {
  const { children, pinning, effort } = context;
  const { connections, connectionsBefore } = { ...EFFORT, ...effort };
  const memory = new MemoryReport();
  const spec = specOf(server);
  const args = [...memory.nodeArgs, ...spec.args];
  const how = { children, core: pinning.serverCore, isLogged: false };
  const clients = new IdleClients(children, pinning.loadCore);
  try {
    const running = await ServerProcess.start({ ...spec, args }, how);
    try {
      const { pid, port } = running;
      await clients.open({
        port,
        connections: WARMUP_CONNECTIONS,
        atMost: WARMUP_AT_A_TIME,
      });
      await clients.open({ port, connections: connectionsBefore });
      const before = await memory.read(pid);
      await clients.open({ port, connections });
      const after = await memory.read(pid);
      // They are all still there, or this throws.
      await clients.open({ port, connections: 1 });
      return figures(before, after, connections);
    } finally {
      await clients.close();
      await running.stop();
    }
  } finally {
    await clients.close();
    memory.close();
  }
}

function figures(
  before: ServerMemory,
  after: ServerMemory,
  connections: number,
): SpecialFigures {
  const each = (of: keyof ServerMemory) =>
    (after[of] - before[of]) / connections;
  return {
    bytesPerConnection: each("privateDirtyBytes"),
    heapBytesPerConnection: each("heapUsedBytes"),
    mibBefore: before.privateDirtyBytes / 2 ** 20,
  };
}

function specOf(server: string): ServerSpec {
  switch (server) {
    case "node-http":
    case "fastify":
      // As in "hello", but for how long they keep a connection.
      return {
        ...serverSpec(server, "hello"),
        args: [path.join(SERVERS, `${server}.js`)],
      };
    case "remuda":
    case "net-floor":
      return serverSpec(server, "hello");
    default:
      throw new Error(`there is no server "${server}" with idle connections`);
  }
}
