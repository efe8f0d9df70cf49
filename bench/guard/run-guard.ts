import type { Children } from "../children.ts";
import { ensureFreshBuild } from "../fresh-build.ts";
import { chooseLoad, LOAD_NAMES } from "../load/choose-load.ts";
import { parsedArguments } from "../parsed-arguments.ts";
import { choosePinning } from "../pinning.ts";
import { hello } from "../scenarios/hello.ts";
import { pipelined } from "../scenarios/pipelined.ts";
import { spreadOf } from "../statistics.ts";
import { BenchUsageError } from "../usage-error.ts";
import { baselineKey, readBaseline, writeBaseline } from "./baseline.ts";
import { guard, TOLERANCE, undisturbed } from "./guard.ts";
import { measurePair, type Pair } from "./measure-pair.ts";

const SCENARIOS = { hello, pipelined };
const ROUNDS = 9;
const SECONDS = 1;
/** What is committed should not be the luck of one start. */
const STARTS_FOR_UPDATE = 3;
/** Some of them are disturbed. */
const MOST_STARTS = 9;

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  update: { type: "boolean", default: false },
  load: { type: "string" },
  "no-build": { type: "boolean", default: false },
} as const;

/** Of the process, where the machine was too busy to say anything. */
const UNCLEAR = 3;

/**
 * `npm run bench -- guard`.
 *
 * @throws Error where a request costs too much, BenchUsageError
 */
export async function runGuard(
  args: readonly string[],
  children: Children,
): Promise<void> {
  const { values, positionals } = parsedArguments(args, FLAGS);
  if (positionals.length > 0) {
    throw new BenchUsageError(`guard takes no "${positionals[0]}"`);
  }
  if (values.help) {
    process.stdout.write(helpText());
    return;
  }
  const wanted = LOAD_NAMES.find((name) => name === values.load);
  if (values.load !== undefined && !wanted) {
    throw new BenchUsageError(`there is no load "${values.load}"`);
  }
  if (!values["no-build"]) ensureFreshBuild();
  const pinning = choosePinning(true);
  const load = chooseLoad(wanted, children, pinning.loadCore);
  const core = pinning.serverCore;
  const how = { children, core, load, rounds: ROUNDS, seconds: SECONDS };
  const key = baselineKey(load.name, process.version);
  say(`CPU per request of remuda ÷ node:http, ${key}; ${pinning.description}`);
  const measure = (name: string) => measurePair(scenarioOf(name), how);
  try {
    await (values.update ? update(load.name, measure) : check(key, measure));
  } finally {
    load.close();
  }
}

type Measure = (scenario: string) => Promise<readonly Pair[]>;

async function check(key: string, measure: Measure): Promise<void> {
  const committed = readBaseline()[key];
  if (!committed) {
    const remedy = `"npm run bench -- guard --update" measures one`;
    throw new Error(`there is no baseline for ${key}; ${remedy}`);
  }
  const verdicts = await guard({ committed, measure, say });
  const of = (verdict: string) =>
    [...verdicts].filter(([, one]) => one === verdict).map(([name]) => name);
  const worse = of("worse");
  if (worse.length > 0) throw new Error(complaint(worse));
  const unclear = of("unclear");
  if (unclear.length > 0) {
    say(`CANNOT TELL: others use this machine (${unclear.join(", ")})`);
    process.exitCode = UNCLEAR;
    return;
  }
  say("no request costs more than it may");
}

function complaint(scenarios: readonly string[]): string {
  const percent = Math.round(TOLERANCE * 100);
  return [
    `CPU per request, beside node:http, is over ${percent} % worse than`,
    `committed: ${scenarios.join(", ")}; measured twice.`,
    `"npm run bench -- ${scenarios.join(" ")}" shows more. Where it has to be`,
    'so, "npm run bench -- guard --update" makes that the baseline',
  ].join(" ");
}

async function update(load: string, measure: Measure): Promise<void> {
  const ratios: Record<string, number> = {};
  // In a pipeline autocannon is slower than both servers.
  const names = load === "wrk" ? Object.keys(SCENARIOS) : ["hello"];
  for (const name of names) {
    const medians: number[] = [];
    for (let start = 1; medians.length < STARTS_FOR_UPDATE; start++) {
      if (start > MOST_STARTS) throw new Error("others use this machine");
      const spread = undisturbed(await measure(name));
      if (spread) medians.push(spread.median);
    }
    ratios[name] = Number(spreadOf(medians).median.toFixed(3));
    const all = medians.map((median) => median.toFixed(3)).join(", ");
    say(`${name.padEnd(10)} ${ratios[name]}, of ${all}`);
  }
  writeBaseline(baselineKey(load, process.version), ratios);
}

function scenarioOf(name: string) {
  if (name in SCENARIOS) return SCENARIOS[name as keyof typeof SCENARIOS];
  const names = Object.keys(SCENARIOS).join(", ");
  throw new Error(`the baseline has "${name}", which is none of ${names}`);
}

function say(line: string): void {
  process.stdout.write(`guard: ${line}\n`);
}

function helpText(): string {
  return `npm run bench -- guard [options]

Compares the CPU that Remuda spends on a request with what node:http does, in
about a minute, and fails where in three of four rounds that ratio is over ${TOLERANCE * 100} %
worse than the committed one, twice. There is a baseline for each load and
version of Node.

Options:
  --update        measure, and write bench/guard/baseline.json
  --load NAME     ${LOAD_NAMES.join(" or ")} (wrk where it is installed)
  --no-build      measure the dist/ that is there, however old
  -h, --help      this text

Exit code: 0 no request costs more than it may, 1 one does, or nothing could
be measured, 2 asked for what is not, 3 others use this machine so much that
nothing can be told.
`;
}
