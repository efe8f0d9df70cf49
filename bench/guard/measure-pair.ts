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

/** What one second of each of the two says. */
export interface Pair {
  /** CPU per request of the first by that of the second. */
  readonly ratio: number;
  /** Of a core that a server was to keep busy: less where others had it. */
  readonly coreShare: number;
}

interface Cost {
  readonly microsPerRequest: number;
  readonly coreShare: number;
}

const PAIR: readonly [ServerName, ServerName] = ["remuda", "node-http"];

/**
 * What Remuda spends on a request by what node:http does, in each round. Both are
 * there all the time and are asked in turns, so that what
 * slows down the machine slows down both.
 *
 * @throws Error where CPU time is not known, or a request fails
 */
export async function measurePair(
  scenario: Scenario,
  context: PairContext,
): Promise<Pair[]> {
  const { load } = context;
  const running: ServerProcess[] = [];
  try {
    for (const name of PAIR) {
      const how = { ...context, isLogged: false };
      const spec = serverSpec(name, scenario.app);
      running.push(await ServerProcess.start(spec, how));
    }
    const [ours, other] = running as [ServerProcess, ServerProcess];
    const cost = (server: ServerProcess) => costOf(server, scenario, context);
    await cost(ours);
    await cost(other);
    const pairs: Pair[] = [];
    while (pairs.length < context.rounds) {
      const own = await cost(ours);
      const theirs = await cost(other);
      const ratio = own.microsPerRequest / theirs.microsPerRequest;
      // autocannon is faster than node:http, but slower than Remuda, which waits
      // for it; so Remuda's share says nothing of others then.
      const coreShare =
        load.name === "wrk"
          ? Math.min(own.coreShare, theirs.coreShare)
          : theirs.coreShare;
      pairs.push({ ratio, coreShare });
    }
    return pairs;
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

async function costOf(
  server: ServerProcess,
  { exchanges, pipelining, connections = CONNECTIONS }: Scenario,
  { load, seconds }: PairContext,
): Promise<Cost> {
  const { port } = server;
  const job: LoadJob = { port, exchanges, connections, pipelining, seconds };
  const before = server.usage();
  const result = await load.run(job);
  const { requests, failures } = result;
  const after = server.usage();
  if (!before || !after) throw new Error("no /proc here, so no CPU time");
  if (failures > 0) throw new Error(`${failures} requests failed`);
  const userSeconds = after.userSeconds - before.userSeconds;
  const systemSeconds = after.systemSeconds - before.systemSeconds;
  const cpuSeconds = userSeconds + systemSeconds;
  return {
    microsPerRequest: (cpuSeconds * 1e6) / requests,
    coreShare: cpuSeconds / result.seconds,
  };
}
