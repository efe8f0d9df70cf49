import { checkAnswer } from "./check-answer.ts";
import type { LoadGenerator, LoadJob, LoadResult } from "./load/load.ts";
import type { TreeUsage } from "./process-tree.ts";
import type { Sample, UsageFigures } from "./sample.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { type ServerName, serverSpec } from "./server-catalog.ts";
import { ServerProcess, type StartOptions } from "./server-process.ts";

/** How long and how hard each server is asked. */
export interface Effort {
  readonly connections: number;
  readonly pipelining: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
}

export interface MeasureContext extends Omit<StartOptions, "isLogged"> {
  readonly load: LoadGenerator;
  readonly scenario: Scenario;
  readonly effort: Effort;
  /** The checkout that `remuda-before` runs. */
  readonly beforeFolder?: string | undefined;
}

/**
 * One round of one server, in a fresh process: two runs of one program differ,
 * as V8 compiles it differently, and that belongs to the spread.
 */
export async function measure(
  server: ServerName,
  round: number,
  context: MeasureContext,
): Promise<Sample> {
  const { scenario, effort, load, beforeFolder } = context;
  const spec = serverSpec(server, scenario.app, { beforeFolder });
  const isLogged = scenario.logsRequests === true;
  const running = await ServerProcess.start(spec, { ...context, isLogged });
  try {
    for (const exchange of scenario.exchanges) {
      await checkAnswer(running.port, exchange);
    }
    if (isLogged && running.logLineCount < scenario.exchanges.length) {
      throw new Error("it does not log every request");
    }
    const { warmupSeconds, ...rest } = effort;
    const job: LoadJob = {
      ...rest,
      port: running.port,
      exchanges: scenario.exchanges,
    };
    await load.run({ ...job, seconds: warmupSeconds });
    const before = running.usage();
    const result = await load.run(job);
    const after = running.usage();
    return {
      server,
      round,
      ...figures(result, before, after),
      ...(scenario.countsBytes && { bytesPerSecond: rateOf(result, scenario) }),
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${server}, round ${round}: ${why}`, { cause });
  } finally {
    await running.stop();
  }
}

function figures(
  result: LoadResult,
  before: TreeUsage | undefined,
  after: TreeUsage | undefined,
): Omit<Sample, "server" | "round"> {
  const { requests, seconds } = result;
  if (requests === 0) throw new Error("no request was answered");
  return {
    ...result,
    requestsPerSecond: requests / seconds,
    ...(before && after && usageFigures(result, before, after)),
  };
}

/** Of bodies: the fields of requests and answers are of no weight here. */
function rateOf(
  { requests, seconds }: LoadResult,
  { exchanges }: Scenario,
): number {
  const bytes = exchanges.map(({ request, answer }) => {
    return (request.body?.length ?? 0) + answer.body.length;
  });
  const sum = bytes.reduce((all, one) => all + one, 0);
  return ((sum / exchanges.length) * requests) / seconds;
}

function usageFigures(
  { requests, seconds }: LoadResult,
  before: TreeUsage,
  after: TreeUsage,
): UsageFigures {
  const userSeconds = after.userSeconds - before.userSeconds;
  const systemSeconds = after.systemSeconds - before.systemSeconds;
  const cpuSeconds = userSeconds + systemSeconds;
  return {
    cpuMicrosPerRequest: (cpuSeconds * 1e6) / requests,
    userMicrosPerRequest: (userSeconds * 1e6) / requests,
    cpuPercent: (cpuSeconds * 100) / seconds,
    residentMib: after.residentBytes / 2 ** 20,
  };
}
