import type { CommandName } from "./command-list.ts";
import { UsageError } from "./usage-error.ts";

/** Which daemon is meant. */
export interface DaemonTarget {
  readonly pid: number | undefined;
  /** Path of its control socket. */
  readonly control: string | undefined;
  /** Folder of its control socket. */
  readonly runtimeDir: string | undefined;
  /** Config file that may say where that is. */
  readonly configPath: string | undefined;
}

/** What a running daemon is asked for. */
export type DaemonCommand = { readonly target: DaemonTarget } & (
  | { readonly command: "status"; readonly asJson: boolean }
  | {
      readonly command: "top";
      readonly intervalMs: number;
      readonly count: number | undefined;
    }
  | { readonly command: "reload" | "upgrade"; readonly wait: boolean }
  | { readonly command: "scale"; readonly workers: number }
  | { readonly command: "stop"; readonly now: boolean; readonly wait: boolean }
  | { readonly command: "ready" }
  | { readonly command: "logs reopen" }
);

export type DaemonCommandName = DaemonCommand["command"];

type Flags = ReadonlyMap<string, string>;

const MAX_WORKERS = 1024;
const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 3_600_000;

/**
 * @param operands what follows the name of the command
 * @throws UsageError for what does not fit the command
 */
export function daemonCommand(
  command: DaemonCommandName & CommandName,
  operands: readonly string[],
  flags: Flags,
): DaemonCommand {
  const target = targetOf(flags);
  const extra = operands[command === "scale" ? 1 : 0];
  if (extra !== undefined) {
    throw new UsageError(`${command} does not take "${extra}"`);
  }
  switch (command) {
    case "status":
      return { command, target, asJson: flags.has("json") };
    case "top": {
      const most = MAX_INTERVAL_MS;
      const interval = { least: MIN_INTERVAL_MS, most, fallback: 1_000 };
      const intervalMs = numberOf(flags, "interval-ms", interval);
      const count = flags.has("count")
        ? numberOf(flags, "count", { least: 1 })
        : undefined;
      return { command, target, intervalMs, count };
    }
    case "reload":
    case "upgrade":
      return { command, target, wait: flags.has("wait") };
    case "scale":
      return { command, target, workers: workersOf(operands[0]) };
    case "stop": {
      const wait = flags.has("wait");
      return { command, target, wait, now: flags.has("now") };
    }
    case "ready":
    case "logs reopen":
      return { command, target };
    default:
      return command satisfies never;
  }
}

function targetOf(flags: Flags): DaemonTarget {
  const pid = flags.has("pid")
    ? numberOf(flags, "pid", { least: 1 })
    : undefined;
  const control = flags.get("control");
  const runtimeDir = flags.get("runtime-dir");
  const given = ["control", "pid", "runtime-dir"].filter((n) => flags.has(n));
  if (control !== undefined && given.length > 1) {
    throw new UsageError(`--control says it all; --${given[1]} is too much`);
  }
  return { pid, control, runtimeDir, configPath: flags.get("config") };
}

interface Range {
  readonly least: number;
  readonly most?: number;
  readonly fallback?: number;
}

function numberOf(flags: Flags, name: string, range: Range): number {
  const { least, most = 2 ** 31 - 1, fallback } = range;
  const text = flags.get(name);
  if (text === undefined && fallback !== undefined) return fallback;
  return integer(`--${name}`, text ?? "", [least, most]);
}

function workersOf(text: string | undefined): number {
  if (text === undefined) {
    throw new UsageError("scale needs the number of workers");
  }
  return integer("the number of workers", text, [1, MAX_WORKERS]);
}

function integer(
  what: string,
  text: string,
  [least, most]: readonly [number, number],
): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `${what} is "${text}"; it must be an integer, ${least} to ${most}`,
  );
}
