import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Children } from "../children.ts";
import { ensureFreshBuild } from "../fresh-build.ts";
import { machineText, thisMachine } from "../machine.ts";
import type { ParserEffort, ParserSample } from "./measure-round.ts";
import {
  type ParserOptions,
  parseParserOptions,
  parserHelpText,
} from "./parser-options.ts";
import { parserReport } from "./parser-report.ts";
import { summarizeParsers } from "./parser-summary.ts";

const PROGRAM = path.join(import.meta.dirname, "round-process.ts");

/** `npm run bench -- parser`. @throws BenchUsageError */
export async function runParserBench(
  args: readonly string[],
  children: Children,
): Promise<void> {
  const options = parseParserOptions(args);
  if (!options) {
    process.stdout.write(parserHelpText());
    return;
  }
  if (options.builds) ensureFreshBuild();
  const rounds: ParserSample[][] = [];
  while (rounds.length < options.rounds) {
    rounds.push(await roundInProcess(options, children));
    process.stderr.write(`round ${rounds.length} of ${options.rounds}\n`);
  }
  publish(rounds, options);
}

/** Two runs of a program differ, as V8 compiles it differently. */
async function roundInProcess(
  { warmupMs, millis }: ParserEffort,
  children: Children,
): Promise<ParserSample[]> {
  const command = [process.execPath, "--import", "tsx", PROGRAM];
  const child = children.spawn([...command, String(warmupMs), String(millis)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { stdout } = child;
  if (!stdout) throw new Error("a round has no output");
  const [output, [code]] = await Promise.all([
    text(stdout),
    once(child, "close"),
  ]);
  if (code !== 0) throw new Error(`a round ended with ${code}`);
  return JSON.parse(output) as ParserSample[];
}

function publish(
  rounds: readonly ParserSample[][],
  { millis, jsonPath }: ParserOptions,
): void {
  const machine = thisMachine();
  const figures = summarizeParsers(rounds);
  const how = `${rounds.length} rounds of ${millis} ms`;
  const lines = [`\nparser: ${how}`, machineText(machine), ""];
  process.stdout.write(`${lines.join("\n")}\n${parserReport(figures)}\n`);
  if (jsonPath === undefined) return;
  const at = new Date().toISOString();
  const all = { at, machine, figures, rounds };
  writeFileSync(jsonPath, `${JSON.stringify(all, null, 2)}\n`);
}
