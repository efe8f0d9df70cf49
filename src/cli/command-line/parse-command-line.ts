import type { Option } from "commander";
import { nearestName } from "../../shared/config/nearest-name.ts";
import { packageVersion } from "../../shared/package-version.ts";
import { exitCode } from "../exit-code.ts";
import { UsageError } from "../usage-error.ts";
import type { CliCommand } from "./cli-command.ts";
import type { Invocation } from "./invocation.ts";
import { MeantCommand } from "./meant-command.ts";
import { createProgram } from "./program.ts";
import { isSwitch, splitArguments } from "./split-arguments.ts";

/**
 * @param args what follows the name of the program
 * @throws UsageError for an unknown command or flag, a flag without its value,
 *   or an operand too many
 */
export function parseCommandLine(args: readonly string[]): Invocation {
  let invocation: Invocation | undefined;
  const program = createProgram((command, input, run) => {
    invocation = { command, input, run: (report) => run(input, report) };
  });
  const { leaves } = program;
  const options = [program, ...leaves].flatMap((command) => command.allOptions);
  const meant = new MeantCommand(leaves);
  const { words, flags } = splitArguments(args, options, (rawName) => {
    return unknownFlag(rawName, options, meant);
  });
  if (words[0] === "help") return help(program, words.slice(1), meant);
  if (flags.has("help")) return help(program, words, meant);
  if (flags.has("version")) return printing("version", `${packageVersion()}\n`);
  if (words[0] === undefined) throw new UsageError("a command is missing");
  const command = commandNamed(words, leaves);
  if (!command) throw unknownCommand(words[0], meant);
  const operands = words.slice(command.fullName.split(" ").length);
  const texts = [...flags].map(([name, text]) => {
    const option = options.find((each) => each.name() === name);
    return option && isSwitch(option) ? `--${name}` : `--${name}=${text}`;
  });
  command.complete().parse([...texts, "--", ...operands], { from: "user" });
  if (!invocation) throw new Error(`${command.fullName} has no action`);
  return invocation;
}

/**
 * The arguments that print the help for a wrong command line: `scale --help` if
 * it names a command.
 */
export function helpFor(args: readonly string[]): string {
  const words = args.filter((arg) => !arg.startsWith("-"));
  const command = commandNamed(words, createProgram(() => {}).leaves);
  return command ? `${command.fullName} --help` : "--help";
}

function help(
  program: CliCommand,
  words: readonly string[],
  meant: MeantCommand,
): Invocation {
  const [word] = words;
  const about = commandNamed(words, program.leaves);
  if (word !== undefined && !about) throw unknownCommand(word, meant);
  const text = (about ?? program).helpInformation();
  return printing("help", text, { about: about?.fullName });
}

function printing(command: string, text: string, input = {}): Invocation {
  const run = async () => {
    process.stdout.write(text);
    return exitCode.done;
  };
  return { command, input, run };
}

function commandNamed(
  words: readonly string[],
  commands: readonly CliCommand[],
): CliCommand | undefined {
  // The last one is the longest: `logs reopen`, not `logs`.
  return commands.findLast(({ fullName }) => {
    return fullName.split(" ").every((word, index) => word === words[index]);
  });
}

function unknownCommand(word: string, meant: MeantCommand): UsageError {
  const hint = didYouMean(meant.byWord(word));
  return new UsageError(`unknown command "${word}"${hint}`);
}

function unknownFlag(
  rawName: string,
  options: readonly Option[],
  meant: MeantCommand,
): UsageError {
  const name = rawName.replace(/^-+/, "");
  const negatable = options.filter(({ optional }) => optional);
  const nearest = nearestName(name, [
    ...options.map((option) => option.name()),
    ...negatable.map((option) => `no-${option.name()}`),
  ]);
  const suggestion = meant.byName(name) ?? (nearest && `--${nearest}`);
  return new UsageError(`unknown flag ${rawName}${didYouMean(suggestion)}`);
}

function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`;
}
