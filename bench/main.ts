/** `npm run bench`: exit code 0 done, 1 failed, 2 asked for what is not. */
import { runMetricsBench } from "./app-metrics/run-metrics-bench.ts";
import { Children } from "./children.ts";
import { doAll } from "./do-all.ts";
import { runGuard } from "./guard/run-guard.ts";
import { type BenchOptions, helpText, parseOptions } from "./options.ts";
import { runParserBench } from "./parser/run-parser-bench.ts";
import { runPlots } from "./plots/run-plots.ts";
import { runAll } from "./run-all.ts";
import { SPECIAL_SCENARIOS } from "./special/all.ts";
import { runSpecial, specialScenario } from "./special/run-special.ts";
import { runTimesBench } from "./times/run-times-bench.ts";
import { BenchUsageError } from "./usage-error.ts";

const ENDING_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const children = new Children();
process.on("exit", () => children.killAll());
for (const [signal, code] of Object.entries(ENDING_SIGNALS)) {
  process.on(signal, () => process.exit(code));
}

try {
  const [first, ...rest] = process.argv.slice(2);
  const special = specialScenario(first);
  if (first === "parser") await runParserBench(rest, children);
  else if (first === "times") await runTimesBench(rest);
  else if (first === "metrics") await runMetricsBench(rest);
  else if (first === "guard") await runGuard(rest, children);
  else if (first === "plots") await runPlots(rest);
  else if (special) await runSpecial(special, rest, children);
  else await runScenarios(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof BenchUsageError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`bench: ${message}${isUsage ? "; see --help" : ""}\n`);
  process.exit(isUsage ? 2 : 1);
}

async function runScenarios(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (!options) {
    process.stdout.write(helpText());
    return;
  }
  const requests = { name: "requests", run: () => runAll(options, children) };
  if (!options.isAll) {
    await requests.run();
    return;
  }
  const special = SPECIAL_SCENARIOS.map((scenario) => ({
    name: scenario.name,
    run: () => runSpecial(scenario, specialArgs(options), children),
  }));
  await doAll([requests, ...special], ({ run }) => run());
}

/** How long and how hard is up to each of them, unless rounds were asked for. */
function specialArgs(options: BenchOptions): string[] {
  const { isSaved, isPinned, rounds, hasDefaultRounds } = options;
  const count = hasDefaultRounds ? [] : [`--rounds=${rounds}`];
  const save = isSaved ? ["--save"] : [];
  const pin = isPinned ? [] : ["--no-pin"];
  return ["--no-build", ...count, ...save, ...pin];
}
