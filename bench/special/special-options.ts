import { count } from "../count.ts";
import { parsedArguments } from "../parsed-arguments.ts";
import { BenchUsageError } from "../usage-error.ts";
import type { SpecialScenario } from "./special-scenario.ts";

export interface SpecialOptions {
  /** In that order. */
  readonly servers: readonly string[];
  readonly rounds: number;
  readonly effort: Readonly<Record<string, number>>;
  readonly isPinned: boolean;
  readonly builds: boolean;
  readonly jsonPath: string | undefined;
  readonly isSaved: boolean;
}

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  rounds: { type: "string" },
  servers: { type: "string" },
  effort: { type: "string", multiple: true, default: [] as string[] },
  "no-pin": { type: "boolean", default: false },
  "no-build": { type: "boolean", default: false },
  json: { type: "string" },
  save: { type: "boolean", default: false },
} as const;

/** @returns undefined where help is wanted. @throws BenchUsageError */
export function parseSpecialOptions(
  args: readonly string[],
  scenario: SpecialScenario,
): SpecialOptions | undefined {
  const { values, positionals } = parsedArguments(args, FLAGS);
  if (values.help) return undefined;
  if (positionals.length > 0) {
    const names = [scenario.name, ...positionals].join(", ");
    throw new BenchUsageError(`${names} must be asked for one by one`);
  }
  const { servers, rounds } = values;
  return {
    servers: servers ? knownServers(servers, scenario) : scenario.servers,
    rounds: rounds ? count("rounds", rounds) : scenario.rounds,
    effort: effortOf(values.effort, scenario),
    isPinned: !values["no-pin"],
    builds: !values["no-build"],
    jsonPath: values.json,
    isSaved: values.save,
  };
}

export function specialHelpText(scenario: SpecialScenario): string {
  const effort = Object.entries(scenario.effort).map(([name, number]) => {
    return `${name}=${number}`;
  });
  return `npm run bench -- ${scenario.name} [options]

Measures ${scenario.summary}.

Options:
  --rounds N      rounds, each with every server (${scenario.rounds})
  --servers A,B   ${scenario.servers.join(", ")};
                  ratios are of the first one to the others
  --effort NAME=N instead of ${effort.join(", ")}
  --no-pin        let the kernel choose the cores
  --no-build      measure the dist/ that is there, however old
  --json FILE     write all figures to a file
  --save          write them to bench/results/${scenario.name}.json
  -h, --help      this text
`;
}

function knownServers(text: string, { servers }: SpecialScenario): string[] {
  return text.split(",").map((name) => {
    if (servers.includes(name)) return name;
    throw new BenchUsageError(`"${name}" is none of ${servers.join(", ")}`);
  });
}

function effortOf(
  changes: readonly string[],
  { effort }: SpecialScenario,
): Record<string, number> {
  const changed = changes.map((change) => {
    const [name = "", text = ""] = change.split("=");
    if (name in effort) return [name, count(`effort ${name}`, text)] as const;
    const known = Object.keys(effort).join(", ");
    throw new BenchUsageError(`--effort "${name}" is none of ${known}`);
  });
  return { ...effort, ...Object.fromEntries(changed) };
}
