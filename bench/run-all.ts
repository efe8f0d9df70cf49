import { writeFileSync } from "node:fs";
import { aimOutcomes } from "./aims.ts";
import type { Children } from "./children.ts";
import { currentCommit } from "./current-commit.ts";
import { doAll } from "./do-all.ts";
import { ensureFreshBuild } from "./fresh-build.ts";
import { howText } from "./how-text.ts";
import { chooseLoad } from "./load/choose-load.ts";
import { machineText, thisMachine } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import { choosePinning } from "./pinning.ts";
import { aimsReport, report } from "./report.ts";
import { resultSample } from "./result-sample.ts";
import { type ScenarioResult, writeResult } from "./results-file.ts";
import { type RunContext, runScenario } from "./run-scenario.ts";
import { type RunFacts, scenarioResult } from "./scenario-result.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** One scenario after the other. @throws Error in the end, where something failed */
export async function runAll(
  options: BenchOptions,
  children: Children,
): Promise<void> {
  if (options.builds) ensureFreshBuild();
  const pinning = choosePinning(options.isPinned);
  const load = chooseLoad(options.load, children, pinning.loadCore);
  // Progress is no result: it goes where a pipe does not see it.
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const context: RunContext = { options, children, load, pinning, say };
  const commit = currentCommit();
  const results: ScenarioResult[] = [];
  const measure = async (scenario: Scenario) => {
    const refusal = load.refusal(scenario);
    if (refusal !== undefined) {
      say(`${scenario.name} is skipped: ${refusal}`);
      return;
    }
    say(`${scenario.name}: ${scenario.summary}`);
    const result = await resultOf(scenario, commit, context);
    results.push(result);
    const { summary, machine } = result;
    print(["", `${scenario.name}: ${summary}`, howText(result)]);
    print([machineText(machine), "", report(result)]);
    if (options.isSaved) say(`written: ${writeResult(result)}`);
  };
  try {
    await doAll(options.scenarios, measure);
  } finally {
    load.close();
    const outcomes = aimOutcomes(results);
    if (outcomes.length > 0) print(["", aimsReport(outcomes)]);
    if (options.jsonPath !== undefined) {
      writeFileSync(options.jsonPath, `${JSON.stringify(results, null, 2)}\n`);
    }
  }
}

async function resultOf(
  scenario: Scenario,
  commit: string,
  context: RunContext,
): Promise<ScenarioResult> {
  const { options, load, pinning } = context;
  const at = new Date().toISOString();
  const { effort, samples } = await runScenario(scenario, context);
  const failures = samples.reduce((sum, one) => sum + one.failures, 0);
  if (failures > 0) {
    throw new Error(`${failures} requests failed`);
  }
  const facts: RunFacts = {
    scenario: scenario.name,
    summary: scenario.summary,
    at,
    commit,
    machine: thisMachine(),
    load: load.name,
    pinning: pinning.description,
    effort: { rounds: options.rounds, ...effort },
  };
  return scenarioResult(facts, samples.map(resultSample));
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
