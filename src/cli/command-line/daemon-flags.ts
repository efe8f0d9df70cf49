/** The flags of commands that ask a running daemon. */
import { Option } from "commander";
import { configOption } from "./app-flags.ts";
import type { CliCommand } from "./cli-command.ts";
import { integerValue } from "./integer-value.ts";
import { settingOptionNamed } from "./setting-options.ts";

/** Selects the daemon. */
export interface DaemonTarget {
  readonly pid: number | undefined;
  /** Path of its control socket. */
  readonly control: string | undefined;
  /** Folder of its control socket. */
  readonly runtimeDir: string | undefined;
  /** Config file that may name the socket or its folder. */
  readonly configPath: string | undefined;
}

/** The input of every command with these flags. */
export interface DaemonInput {
  readonly target: DaemonTarget;
}

export interface WaitInput extends DaemonInput {
  /** For the result, with lines of progress. */
  readonly wait: boolean;
}

/** Values of the flags, as commander names them. */
export interface DaemonFlags {
  readonly pid?: number;
  readonly control?: string;
  readonly runtimeDir?: string;
  readonly config?: string;
}

const HEADING = "Which daemon:";
const FOOTER =
  "The daemon's control socket is searched for where --runtime-dir, its " +
  "variable or the config file says, or else in the usual folders. Exit " +
  "codes: 0 done, 1 failed, 2 wrong usage, 3 no daemon found.";

/** Adds the flags that select a daemon, after those of the command itself. */
export function withDaemonFlags(command: CliCommand): CliCommand {
  const pid = new Option("--pid <N>", "The daemon whose master has this pid")
    .argParser(integerValue("--pid", { min: 1 }))
    .helpGroup(HEADING);
  const control = new Option(
    "--control <PATH>",
    "The daemon that listens on this control socket",
  )
    .conflicts(["pid", "runtimeDir"])
    .helpGroup(HEADING);
  const runtimeDir = settingOptionNamed("runtime-dir").helpGroup(HEADING);
  const stackTraces = settingOptionNamed("show-stack-traces");
  return command
    .helpGroup("Commands for a running daemon:")
    .addOption(pid)
    .addOption(control)
    .addOption(runtimeDir)
    .addOption(configOption().helpGroup(HEADING))
    .addOption(stackTraces.helpGroup("Messages:"))
    .footer(FOOTER);
}

export function daemonTarget(flags: DaemonFlags): DaemonTarget {
  const { pid, control, runtimeDir, config: configPath } = flags;
  return { pid, control, runtimeDir, configPath };
}

/** `--wait`, for commands whose result takes time. */
export function waitOption(): Option {
  const help = "Show progress; the exit code is that of the result";
  return new Option("--wait", help);
}
