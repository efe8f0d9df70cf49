import { inspect } from "node:util";
import { StartError } from "../master/start-error.ts";
import { SettingsError } from "../shared/config/checks/settings-error.ts";
import {
  helpFor,
  parseCommandLine,
} from "./command-line/parse-command-line.ts";
import { NoDaemonError } from "./daemon/no-daemon-error.ts";
import { exitCode } from "./exit-code.ts";
import { UsageError } from "./usage-error.ts";

const EXIT_GRACE_MS = 250;

/** Runs a command line and sets `process.exitCode`. */
export async function runCommand(args: readonly string[]): Promise<void> {
  process.exitCode = await run(args);
  // Timers and sockets that an app left must not keep the process alive.
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
}

async function run(args: readonly string[]): Promise<number> {
  const report = { showsStackTrace: asksForStackTrace(args) };
  try {
    return await parseCommandLine(args).run(report);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    printError(error, isUsage ? `; see remuda ${helpFor(args)}` : "");
    if (report.showsStackTrace) process.stderr.write(`${inspect(error)}\n`);
    return exitCodeOf(error);
  }
}

function printError(error: unknown, end: string): void {
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split("\n")) {
    process.stderr.write(`remuda: ${line}${end}\n`);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof NoDaemonError) return exitCode.noDaemon;
  const couldNotBegin =
    error instanceof UsageError ||
    error instanceof SettingsError ||
    error instanceof StartError;
  return couldNotBegin ? exitCode.notBegun : exitCode.failed;
}

/** Read before the settings are loaded, so without the config file. */
function asksForStackTrace(args: readonly string[]): boolean {
  return (
    args.includes("--show-stack-traces") ||
    process.env.REMUDA_SHOW_STACK_TRACES === "true"
  );
}
