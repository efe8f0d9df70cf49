import { checkConfigCommand } from "../commands/check-config-command.ts";
import { heapSnapshotCommand } from "../commands/heap-snapshot-command.ts";
import { inspectCommand } from "../commands/inspect-command.ts";
import { logLevelCommand } from "../commands/log-level-command.ts";
import { logsCommand } from "../commands/logs-command.ts";
import {
  heapProfileCommand,
  profileCommand,
} from "../commands/profile-command.ts";
import { readyCommand } from "../commands/ready-command.ts";
import { reloadCommand } from "../commands/reload-command.ts";
import { routesCommand } from "../commands/routes-command.ts";
import { scaleCommand } from "../commands/scale-command.ts";
import { stacksCommand } from "../commands/stacks-command.ts";
import { startCommand } from "../commands/start-command.ts";
import { statusCommand } from "../commands/status-command.ts";
import { stopCommand } from "../commands/stop-command.ts";
import { topCommand } from "../commands/top-command.ts";
import { upgradeCommand } from "../commands/upgrade-command.ts";
import { CliCommand } from "./cli-command.ts";
import type { Accept } from "./invocation.ts";

/** All commands, in the order of the help. */
const COMMANDS = [
  startCommand,
  checkConfigCommand,
  routesCommand,
  statusCommand,
  readyCommand,
  topCommand,
  reloadCommand,
  upgradeCommand,
  scaleCommand,
  stopCommand,
  logsCommand,
  logLevelCommand,
  profileCommand,
  heapProfileCommand,
  heapSnapshotCommand,
  stacksCommand,
  inspectCommand,
] as const;

const FOOTER =
  "remuda help <command> describes a command and its flags; those of start " +
  "are the settings of the daemon. Exit codes: 0 done, 1 failed, 2 wrong " +
  "usage or settings, 3 no daemon found.";

/**
 * The `remuda` command. A parse leaves its values in it, so each needs a new
 * one.
 *
 * @param accept receives what the action of a command has read
 */
export function createProgram(accept: Accept): CliCommand {
  const program = new CliCommand("remuda")
    .usage("start [app-module] [flags]\n       remuda <command> [flags]")
    .option("-h, --help", "Print this text, or the help of a command")
    .option("-v, --version", "Print the version")
    .footer(FOOTER);
  for (const command of COMMANDS) program.addCommand(command(accept));
  return program;
}
