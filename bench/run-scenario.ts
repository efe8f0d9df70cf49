import type { Children } from "./children.ts";
import type { LoadGenerator } from "./load/load.ts";
import { type Effort, measure } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import type { Pinning } from "./pinning.ts";
import type { Sample } from "./sample.ts";
import { CONNECTIONS, type Scenario } from "./scenarios/scenario.ts";
import { type ServerName, serverSpec } from "./server-catalog.ts";

export interface RunContext {
  readonly options: BenchOptions;
  readonly children: Children;
  readonly load: LoadGenerator;
  readonly pinning: Pinning;
  /** Told what goes on, line by line. */
  readonly say: (line: string) => void;
}

export interface ScenarioRun {
  readonly effort: Effort;
  readonly samples: readonly Sample[];
}

/** All rounds; servers alternate, so that a slow minute hits them all. */
export async function runScenario(
  scenario: Scenario,
  context: RunContext,
): Promise<ScenarioRun> {
  const { options, children, load, pinning, say } = context;
  const effort: Effort = {
    connections: options.connections ?? scenario.connections ?? CONNECTIONS,
    pipelining: options.pipelining ?? scenario.pipelining,
    warmupSeconds: options.warmupSeconds,
    seconds: options.seconds,
  };
  const core = pinning.serverCore;
  const servers = availableServers(scenario, context);
  const samples: Sample[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const server of servers) {
      const { beforeFolder } = options;
      const how = { children, core, load, scenario, effort, beforeFolder };
      const sample = await measure(server, round, how);
      samples.push(sample);
      say(`round ${round}: ${progress(sample)}`);
    }
  }
  return { effort, samples };
}

function availableServers(
  scenario: Scenario,
  { options, say }: RunContext,
): ServerName[] {
  const wanted = options.servers ?? scenario.servers;
  const { beforeFolder } = options;
  const known = [...scenario.servers, "remuda-before"];
  const usable = wanted.filter((name) => {
    const missing = known.includes(name)
      ? serverSpec(name, scenario.app, { beforeFolder }).missing?.()
      : "not in this scenario";
    if (missing !== undefined) say(`${name} is skipped: ${missing}`);
    return missing === undefined;
  });
  if (usable.length > 0) return usable;
  throw new Error(`no server is left for ${scenario.name}`);
}

function progress(sample: Sample): string {
  const { server, requestsPerSecond, cpuMicrosPerRequest, failures } = sample;
  const cpu = cpuMicrosPerRequest?.toFixed(1) ?? "?";
  const figures = `${requestsPerSecond.toFixed(0)} req/s, ${cpu} µs CPU/req`;
  const failed = failures ? `, ${failures} FAILED` : "";
  return `${server.padEnd(13)} ${figures}${failed}`;
}
