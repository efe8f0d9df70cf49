import { count } from "./count.ts";
import { LOAD_NAMES, type LoadName } from "./load/choose-load.ts";
import { parsedArguments } from "./parsed-arguments.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { SERVER_NAMES, type ServerName } from "./server-catalog.ts";
import { BenchUsageError } from "./usage-error.ts";

export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  /** In that order; undefined for those of the scenario. */
  readonly servers: readonly ServerName[] | undefined;
  readonly rounds: number;
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
}

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "5" },
  warmup: { type: "string", default: "2" },
  connections: { type: "string" },
  pipelining: { type: "string" },
  servers: { type: "string" },
  load: { type: "string" },
  "no-pin": { type: "boolean", default: false },
  "no-build": { type: "boolean", default: false },
  json: { type: "string" },
} as const;

/** @returns undefined where help is wanted. @throws BenchUsageError */
export function parseOptions(
  args: readonly string[],
): BenchOptions | undefined {
  const { values, positionals } = parsedArguments(args, FLAGS);
  if (values.help) return undefined;
  const { connections, load, pipelining, servers } = values;
  return {
    scenarios: positionals.length ? positionals.map(scenario) : SCENARIOS,
    servers: servers?.split(",").map((name) => oneOf(SERVER_NAMES, name)),
    rounds: count("rounds", values.rounds),
    seconds: count("seconds", values.seconds),
    warmupSeconds: count("warmup", values.warmup),
    connections: connections ? count("connections", connections) : undefined,
    pipelining: pipelining ? count("pipelining", pipelining) : undefined,
    load: load ? oneOf(LOAD_NAMES, load) : undefined,
    isPinned: !values["no-pin"],
    builds: !values["no-build"],
    jsonPath: values.json,
  };
}

export function helpText(): string {
  const scenarios = SCENARIOS.map(({ name, summary }) => {
    return `  ${name.padEnd(16)}${summary}`;
  });
  return `npm run bench -- [scenario ...] [options]
npm run bench -- parser [options]
npm run bench -- times [options]

Measures Remuda and its peers, one after the other, in several rounds; or with
"parser" the parsing of request heads alone, with "times" how long reloads and
restarts take; see \`parser --help\` and \`times --help\`.

Scenarios (all, if none is named):
${scenarios.join("\n")}

Options:
  --rounds N      rounds, each with every server (${FLAGS.rounds.default})
  --seconds N     time of a measurement (${FLAGS.seconds.default})
  --warmup N      seconds of load before it (${FLAGS.warmup.default})
  --connections N at a time (the scenario's)
  --pipelining N  requests in flight on each (the scenario's)
  --servers A,B   ${SERVER_NAMES.join(", ")};
                  ratios are of the first one to the others
  --load NAME     ${LOAD_NAMES.join(" or ")} (wrk where it is installed)
  --no-pin        let the kernel choose the cores
  --no-build      measure the dist/ that is there, however old
  --json FILE     write all figures to a file
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
