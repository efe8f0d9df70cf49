#!/usr/bin/env node
/**
 * The `remuda` command. Exit codes: 0 done, 1 failed, 2 wrong arguments or
 * settings.
 */
import cluster from "node:cluster";
import { helpText } from "./shared/config/help-text.ts";
import { loadSettings } from "./shared/config/load-settings.ts";
import { packageVersion } from "./shared/config/package-version.ts";
import {
  type CommandLine,
  parseCommandLine,
} from "./shared/config/parse-command-line.ts";
import { SettingsError } from "./shared/config/settings-error.ts";
import { settingsReport } from "./shared/config/settings-report.ts";
import { UsageError } from "./shared/config/usage-error.ts";
import { workingFolder } from "./shared/config/working-folder.ts";

const LEAVE_GRACE_MS = 250;
const USAGE_HINT = "; see remuda --help";

if (cluster.isWorker) {
  const { launchWorker } = await import("./launch.ts");
  await launchWorker();
} else {
  process.exitCode = await main(process.argv.slice(2));
  // Whatever a config file left running must not hold the command.
  setTimeout(() => process.exit(), LEAVE_GRACE_MS).unref();
}

async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(parseCommandLine(args));
  } catch (error) {
    return report(error, wantsStackTraces(args));
  }
}

async function run(line: CommandLine): Promise<number> {
  switch (line.command) {
    case "help":
      process.stdout.write(helpText());
      return 0;
    case "version":
      process.stdout.write(`${packageVersion()}\n`);
      return 0;
    case "check-config":
      process.stdout.write(settingsReport(await loader(line)()));
      return 0;
    case "start":
      return start(loader(line));
    default:
      return line satisfies never;
  }
}

type Loader = () => ReturnType<typeof loadSettings>;

/** Where settings come from is decided once; a reload asks there again. */
function loader(line: CommandLine & { command: "start" | "check-config" }) {
  const { app, configPath, flags } = line;
  const env = { ...process.env };
  const sources = { cwd: workingFolder(env), env, flags, app, configPath };
  return () => loadSettings(sources);
}

async function start(load: Loader): Promise<number> {
  const settings = await load();
  if (settings.settings.app === undefined) {
    throw new UsageError("no app module is given (remuda start app.js)");
  }
  const { launch } = await import("./launch.ts");
  return launch({ settings, reload: load });
}

function report(error: unknown, withStack: boolean): number {
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split("\n")) {
    process.stderr.write(`remuda: ${line}${isUsage ? USAGE_HINT : ""}\n`);
  }
  if (withStack) console.error(error);
  return isUsage || error instanceof SettingsError ? 2 : 1;
}

/** Asked when there may be no settings; a config file's wish is not known. */
function wantsStackTraces(args: readonly string[]): boolean {
  return (
    args.includes("--show-stack-traces") ||
    process.env.REMUDA_SHOW_STACK_TRACES === "true"
  );
}
