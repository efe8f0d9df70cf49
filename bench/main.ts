/** `npm run bench`: exit code 0 done, 1 failed, 2 asked for what is not. */
import { writeFileSync } from "node:fs";
import { Children } from "./children.ts";
import { ensureFreshBuild } from "./fresh-build.ts";
import { chooseLoad } from "./load/choose-load.ts";
import type { LoadGenerator } from "./load/load.ts";
import { machineText, thisMachine } from "./machine.ts";
import { type BenchOptions, helpText, parseOptions } from "./options.ts";
import { runParserBench } from "./parser/run-parser-bench.ts";
import { choosePinning } from "./pinning.ts";
import { report } from "./report.ts";
import { type RunContext, runScenario } from "./run-scenario.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { runSpecial, specialScenario } from "./special/run-special.ts";
import { summarize } from "./summary.ts";
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
  if (options) await runAll(options);
  else process.stdout.write(helpText());
}

async function runAll(options: BenchOptions): Promise<void> {
  if (options.builds) ensureFreshBuild();
  const pinning = choosePinning(options.isPinned);
  const load = chooseLoad(options.load, children, pinning.loadCore);
  const machine = thisMachine();
  // Progress is no result: it goes where a pipe does not see it.
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const context: RunContext = { options, children, load, pinning, say };
  const results = [];
  try {
    for (const scenario of options.scenarios) {
      say(`${scenario.name}: ${scenario.summary}`);
      const { effort, samples } = await runScenario(scenario, context);
      const summary = summarize(samples);
      const how = `${rounds(options)}, ${loadText(load, effort)}`;
      print([heading(scenario), `${how}; ${pinning.description}`]);
      print([machineText(machine), "", report(summary), ""]);
      results.push({ scenario: scenario.name, effort, summary, samples });
      const failures = samples.reduce((sum, one) => sum + one.failures, 0);
      if (failures > 0) throw new Error(`${failures} requests failed`);
    }
  } finally {
    load.close();
    if (options.jsonPath !== undefined) {
      const at = new Date().toISOString();
      const pinned = pinning.description;
      const all = { at, machine, load: load.name, pinned, results };
      writeFileSync(options.jsonPath, `${JSON.stringify(all, null, 2)}\n`);
    }
  }
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function heading({ name, summary }: Scenario): string {
  return `\n${name}: ${summary}`;
}

function rounds({ rounds, seconds }: BenchOptions): string {
  return `${rounds} rounds of ${seconds} s`;
}

function loadText(
  { name }: LoadGenerator,
  effort: { connections: number; pipelining: number },
): string {
  const { connections, pipelining } = effort;
  const depth = pipelining > 1 ? `, ${pipelining} requests in flight each` : "";
  return `${name} with ${connections} connections${depth}`;
}
