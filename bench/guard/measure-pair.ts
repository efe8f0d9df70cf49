import type { Children } from "../children.ts";
import type { LoadGenerator, LoadJob } from "../load/load.ts";
import { CONNECTIONS, type Scenario } from "../scenarios/scenario.ts";
import { type ServerName, serverSpec } from "../server-catalog.ts";
import { ServerProcess } from "../server-process.ts";

export interface PairContext {
  readonly children: Children;
  readonly core: number | undefined;
  readonly load: LoadGenerator;
  readonly rounds: number;
  readonly seconds: number;
}

const PAIR: readonly [ServerName, ServerName] = ["remuda", "node-http"];

/**
 * What the first server spends on a request by what the second one does, in
 * each round. Both are there all the time and are asked in turns, so that what
 * slows down the machine slows down both.
 *
 * @throws Error where CPU time is not known, or a request fails
 */
export async function measurePair(
  scenario: Scenario,
  context: PairContext,
): Promise<number[]> {
  const running: ServerProcess[] = [];
  try {
    for (const name of PAIR) {
      const how = { ...context, isLogged: false };
      const spec = serverSpec(name, scenario.app);
      running.push(await ServerProcess.start(spec, how));
    }
    const [ours, other] = running as [ServerProcess, ServerProcess];
    const cost = (server: ServerProcess) =>
      cpuMicrosPerRequest(server, scenario, context);
    await cost(ours);
    await cost(other);
    const ratios: number[] = [];
    while (ratios.length < context.rounds) {
      const own = await cost(ours);
      ratios.push(own / (await cost(other)));
    }
    return ratios;
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

async function cpuMicrosPerRequest(
  server: ServerProcess,
  { exchanges, pipelining, connections = CONNECTIONS }: Scenario,
  { load, seconds }: PairContext,
): Promise<number> {
  const { port } = server;
  const job: LoadJob = { port, exchanges, connections, pipelining, seconds };
  const before = server.usage();
  const { requests, failures } = await load.run(job);
  const after = server.usage();
  if (!before || !after) throw new Error("no /proc here, so no CPU time");
  if (failures > 0) throw new Error(`${failures} requests failed`);
  const userSeconds = after.userSeconds - before.userSeconds;
  const systemSeconds = after.systemSeconds - before.systemSeconds;
  return ((userSeconds + systemSeconds) * 1e6) / requests;
}
