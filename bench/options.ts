import { count } from "./count.ts";
import { LOAD_NAMES, type LoadName } from "./load/choose-load.ts";
import { parsedArguments } from "./parsed-arguments.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { SERVER_NAMES, type ServerName } from "./server-catalog.ts";
import { SPECIAL_SCENARIOS } from "./special/all.ts";
import { BenchUsageError } from "./usage-error.ts";

export interface BenchOptions {
  /** Whether no scenario was named: then those with own options follow. */
  readonly isAll: boolean;
  readonly scenarios: readonly Scenario[];
  /** In that order; undefined for those of the scenario. */
  readonly servers: readonly ServerName[] | undefined;
  /** The built checkout to compare with; undefined for none. */
  readonly beforeFolder: string | undefined;
  readonly rounds: number;
  /** Whether nobody asked for that many. */
  readonly hasDefaultRounds: boolean;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Undefined for the scenario's own. */
  readonly connections: number | undefined;
  /** Undefined for the scenario's own. */
  readonly pipelining: number | undefined;
  /** Undefined for `chooseLoad()` to say. */
  readonly load: LoadName | undefined;
  readonly isPinned: boolean;
  readonly builds: boolean;
  readonly jsonPath: string | undefined;
  readonly isSaved: boolean;
}

const ROUNDS = "5";

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  rounds: { type: "string" },
  seconds: { type: "string", default: "2" },
  warmup: { type: "string", default: "1" },
  connections: { type: "string" },
  pipelining: { type: "string" },
  servers: { type: "string" },
  before: { type: "string" },
  load: { type: "string" },
  "no-pin": { type: "boolean", default: false },
  "no-build": { type: "boolean", default: false },
  json: { type: "string" },
  save: { type: "boolean", default: false },
} as const;

/** @returns undefined where help is wanted. @throws BenchUsageError */
export function parseOptions(
  args: readonly string[],
): BenchOptions | undefined {
  const { values, positionals } = parsedArguments(args, FLAGS);
  if (values.help) return undefined;
  const { connections, load, pipelining, servers } = values;
  return {
    isAll: positionals.length === 0,
    scenarios: positionals.length ? positionals.map(scenario) : SCENARIOS,
    servers: servers
      ? servers.split(",").map((name) => oneOf(SERVER_NAMES, name))
      : values.before === undefined
        ? undefined
        : ["remuda", "remuda-before"],
    beforeFolder: values.before,
    rounds: count("rounds", values.rounds ?? ROUNDS),
    hasDefaultRounds: values.rounds === undefined,
    seconds: count("seconds", values.seconds),
    warmupSeconds: count("warmup", values.warmup),
    connections: connections ? count("connections", connections) : undefined,
    pipelining: pipelining ? count("pipelining", pipelining) : undefined,
    load: load ? oneOf(LOAD_NAMES, load) : undefined,
    isPinned: !values["no-pin"],
    builds: !values["no-build"],
    jsonPath: values.json,
    isSaved: values.save,
  };
}

export function helpText(): string {
  const lines = (scenarios: readonly { name: string; summary: string }[]) =>
    scenarios.map(({ name, summary }) => `  ${name.padEnd(16)}${summary}`);
  return `npm run bench -- [scenario ...] [options]
npm run bench -- parser [options]
npm run bench -- times [options]
npm run bench -- metrics [options]
npm run bench -- guard [options]
npm run bench -- plots [options]

Measures Remuda and its peers, one after the other, in several rounds; or with
"parser" the parsing of request heads alone, with "times" how long reloads and
restarts take, with "metrics" what metrics of an app cost, with "guard" whether a
request costs more than it did. "plots" draws what was saved. Each of them has its
own --help.

Scenarios (all, if none is named):
${lines(SCENARIOS).join("\n")}
And one by one, each with its own --help:
${lines(SPECIAL_SCENARIOS).join("\n")}

Options:
  --rounds N      rounds, each with every server (${ROUNDS})
  --seconds N     time of a measurement (${FLAGS.seconds.default})
  --warmup N      seconds of load before it (${FLAGS.warmup.default})
  --connections N at a time (the scenario's)
  --pipelining N  requests in flight on each (the scenario's)
  --servers A,B   ${SERVER_NAMES.join(", ")};
                  ratios are of the first one to the others
  --before DIR    compare with another built checkout: the servers are
                  remuda and remuda-before
  --load NAME     ${LOAD_NAMES.join(" or ")} (wrk where it is installed)
  --no-pin        let the kernel choose the cores
  --no-build      measure the dist/ that is there, however old
  --save          write results to bench/results/, a file for each scenario
  --json FILE     write them to that file, all in one
  -h, --help      this text
`;
}

function scenario(name: string): Scenario {
  const known = oneOf(
    SCENARIOS.map((one) => one.name),
    name,
  );
  return SCENARIOS.find((one) => one.name === known) as Scenario;
}

function oneOf<Name extends string>(
  names: readonly Name[],
  name: string,
): Name {
  const known = names.find((one) => one === name);
  if (known !== undefined) return known;
  throw new BenchUsageError(`"${name}" is none of ${names.join(", ")}`);
}
