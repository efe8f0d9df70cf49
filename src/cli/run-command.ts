/**
 * The work of the `remuda` command. Exit codes: 0 done, 1 failed while it ran,
 * 2 could not begin, 3 found no running daemon to ask.
 */
import { inspect } from "node:util";
import { StartError } from "../master/start-error.ts";
import { Predecessor } from "../master/upgrade/outgoing-master.ts";
import { helpText } from "../shared/config/help-text.ts";
import {
  type LoadedSettings,
  loadSettings,
} from "../shared/config/load-settings.ts";
import { packageVersion } from "../shared/config/package-version.ts";
import {
  type CommandLine,
  parseCommandLine,
} from "../shared/config/parse-command-line.ts";
import { SettingsError } from "../shared/config/settings-error.ts";
import { settingsReport } from "../shared/config/settings-report.ts";
import { settingsWarnings } from "../shared/config/settings-warnings.ts";
import { UsageError } from "../shared/config/usage-error.ts";
import { workingFolder } from "../shared/config/working-folder.ts";
import { oneAtATime } from "../shared/one-at-a-time.ts";
import { launch } from "./launch.ts";
import { NoDaemonError } from "./no-daemon-error.ts";

type AppCommandLine = Extract<CommandLine, { flags: object }>;

const LEAVE_GRACE_MS = 250;
const USAGE_HINT = "; see remuda --help";

/** Runs a command line; its exit code is left in `process.exitCode`. */
export async function runCommand(args: readonly string[]): Promise<void> {
  process.exitCode = await main(args);
  // Whatever an app left running must not hold the command.
  setTimeout(() => process.exit(), LEAVE_GRACE_MS).unref();
}

async function main(args: readonly string[]): Promise<number> {
  const wish = { showsStack: wantsStackTraces(args) };
  try {
    return await run(parseCommandLine(args), wish);
  } catch (error) {
    return report(error, wish.showsStack);
  }
}

async function run(
  line: CommandLine,
  wish: { showsStack: boolean },
): Promise<number> {
  switch (line.command) {
    case "help":
      process.stdout.write(helpText(line.about));
      return 0;
    case "version":
      process.stdout.write(`${packageVersion()}\n`);
      return 0;
    case "check-config":
      return checkConfig(await loader(line)());
    case "routes": {
      const { settings } = await loader(line)();
      process.stdout.write(await routesOf(settings.app));
      return 0;
    }
    case "start":
      return start(line, wish);
    default: {
      const { runDaemonCommand } = await import("./run-daemon-command.ts");
      return runDaemonCommand(line);
    }
  }
}

function checkConfig(loaded: LoadedSettings): number {
  process.stdout.write(settingsReport(loaded));
  for (const warning of settingsWarnings(loaded)) {
    process.stderr.write(`remuda: warning: ${warning}\n`);
  }
  const { configOutput: output } = loaded;
  if (output) process.stderr.write(`remuda: config file printed: ${output}\n`);
  return 0;
}

/** A master needs none of what serves requests. */
async function routesOf(path: string | undefined): Promise<string> {
  const { App } = await import("../worker/app/app.ts");
  const { loadApp } = await import("../worker/load-app.ts");
  const app = await loadApp(path, () => new App());
  return app.printRoutes();
}

/** A master that this one is to succeed hears why it cannot, if so. */
async function start(
  line: AppCommandLine,
  wish: { showsStack: boolean },
): Promise<number> {
  const predecessor = await Predecessor.find(process.env);
  try {
    const reload = loader(line);
    const settings = await reload();
    wish.showsStack = settings.settings.showStackTraces;
    return await launch({ settings, reload, predecessor });
  } catch (error) {
    await predecessor?.disappoint(error as Error);
    throw error;
  } finally {
    predecessor?.close();
  }
}

/** Where settings come from is decided once; a reload asks there again. */
function loader(line: AppCommandLine) {
  const { app, configPath, flags } = line;
  const env = { ...process.env };
  const sources = { cwd: workingFolder(env), env, flags, app, configPath };
  // Each reload may cost a process, and there may be many at once.
  return oneAtATime(() => loadSettings(sources));
}

function report(error: unknown, showsStack: boolean): number {
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split("\n")) {
    process.stderr.write(`remuda: ${line}${isUsage ? USAGE_HINT : ""}\n`);
  }
  if (showsStack) process.stderr.write(`${inspect(error)}\n`);
  if (error instanceof NoDaemonError) return 3;
  const couldNotBegin =
    isUsage || error instanceof SettingsError || error instanceof StartError;
  return couldNotBegin ? 2 : 1;
}

/** Asked when there are no settings yet; a config file's wish is not known. */
function wantsStackTraces(args: readonly string[]): boolean {
  return (
    args.includes("--show-stack-traces") ||
    process.env.REMUDA_SHOW_STACK_TRACES === "true"
  );
}
