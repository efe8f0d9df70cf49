import { writeFileSync } from "node:fs";
import { aimOutcomes } from "../aims.ts";
import type { Children } from "../children.ts";
import { currentCommit } from "../current-commit.ts";
import { ensureFreshBuild } from "../fresh-build.ts";
import { machineText, thisMachine } from "../machine.ts";
import { choosePinning } from "../pinning.ts";
import { aimsReport } from "../report.ts";
import { type ResultSample, writeResult } from "../results-file.ts";
import { scenarioResult } from "../scenario-result.ts";
import { SPECIAL_SCENARIOS } from "./all.ts";
import {
  parseSpecialOptions,
  type SpecialOptions,
  specialHelpText,
} from "./special-options.ts";
import { specialReport } from "./special-report.ts";
import type { SpecialContext, SpecialScenario } from "./special-scenario.ts";

/** The scenario of that name, if it is one of these. */
export function specialScenario(name = ""): SpecialScenario | undefined {
  return SPECIAL_SCENARIOS.find((scenario) => scenario.name === name);
}

/** `npm run bench -- NAME`. @throws BenchUsageError */
export async function runSpecial(
  scenario: SpecialScenario,
  args: readonly string[],
  children: Children,
): Promise<void> {
  const options = parseSpecialOptions(args, scenario);
  if (!options) {
    process.stdout.write(specialHelpText(scenario));
    return;
  }
  if (options.builds) ensureFreshBuild();
  const at = new Date().toISOString();
  const machine = thisMachine();
  const pinning = choosePinning(options.isPinned);
  const { effort } = options;
  const samples = await sample(scenario, options, {
    children,
    pinning,
    effort,
  });
  const { name, summary, load } = scenario;
  if (samples.length === 0) {
    // Programs that it needs are optional, as servers are in other scenarios.
    say(`${name} is skipped: nothing of it can be measured here`);
    return;
  }
  const facts = {
    scenario: name,
    summary,
    at,
    commit: currentCommit(),
    machine,
    load,
    pinning: scenario.pinning ?? pinning.description,
    effort: { rounds: options.rounds, ...effort },
  };
  const result = scenarioResult(facts, samples);
  const how = `${options.rounds} rounds; ${load}; ${facts.pinning}`;
  const head = [`\n${name}: ${summary}`, how, machineText(machine), ""];
  const tables = specialReport(result, scenario.metrics);
  const outcomes = aimOutcomes([result]);
  const aims = outcomes.length > 0 ? [aimsReport(outcomes), ""] : [];
  process.stdout.write(`${[...head, tables, "", ...aims].join("\n")}\n`);
  if (options.isSaved) writeResult(result);
  if (options.jsonPath === undefined) return;
  writeFileSync(options.jsonPath, `${JSON.stringify(result, null, 2)}\n`);
}

/** All rounds; servers alternate, so that a slow minute hits them all. */
async function sample(
  scenario: SpecialScenario,
  { servers, rounds }: SpecialOptions,
  context: SpecialContext,
): Promise<ResultSample[]> {
  const usable = servers.filter((server) => {
    const missing = scenario.missing(server);
    if (missing !== undefined) say(`${server} is skipped: ${missing}`);
    return missing === undefined;
  });
  const samples: ResultSample[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const server of usable) {
      const figures = await scenario.measure(server, context);
      samples.push({ server, round, ...figures });
      const shown = scenario.metrics.map(({ name, title, digits }) => {
        return `${figures[name]?.toFixed(digits) ?? "–"} ${title}`;
      });
      say(`round ${round}: ${server.padEnd(15)} ${shown.join(", ")}`);
    }
  }
  return samples;
}

// Progress is no result: it goes where a pipe does not see it.
const say = (line: string) => process.stderr.write(`${line}\n`);
