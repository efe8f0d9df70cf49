import {
  type CommandFlag,
  type CommandInfo,
  commandFlags,
  commandList,
  daemonFlags,
} from "./command-list.ts";
import { type Setting, textSettings } from "./setting-list.ts";
import { wrapText } from "./wrap-text.ts";

const WIDTH = 80;
const COLUMN = 36;

const commands: readonly CommandInfo[] = commandList;

/** What `remuda --help` prints; its flags are those of the schema. */
export function helpText(): string {
  const titles = [...new Set(textSettings.map((each) => each.section))];
  return [
    "Usage: remuda start [app-module] [flags]",
    "       remuda <command> [flags]",
    ...section("Commands", [
      ...commandsOf("app"),
      entry("help, --help, -h", "Print this text"),
      entry("--version, -v", "Print the version"),
    ]),
    ...section("Commands for a daemon that runs", commandsOf("daemon")),
    "",
    ...wrapText(FINDING, WIDTH),
    ...section("Flags of these commands", [
      ...commandFlags.map(ownFlagEntry),
      ...daemonFlags.map(ownFlagEntry),
    ]),
    "",
    ...wrapText(PRECEDENCE, WIDTH),
    ...section("Config file", [
      entry(
        "--config PATH",
        "Config file instead of remuda.config.js, .mjs, .cjs or .json here; none: without",
      ),
    ]),
    ...titles.flatMap((title) => {
      const settings = textSettings.filter((each) => each.section === title);
      return section(title, settings.map(flagEntry));
    }),
    "",
  ].join("\n");
}

const FINDING =
  "They look for the daemon's control socket where --runtime-dir, its variable " +
  "or the config file say, or else in the usual folders. Exit codes: 0 done, " +
  "1 it failed, 2 wrong usage, 3 no daemon found.";

const PRECEDENCE =
  "Flags win over environment variables, those over the config file, that " +
  "over the defaults. What is --drain-linger-ms here is drain.lingerMs in the " +
  "file and REMUDA_DRAIN_LINGER_MS in the environment.";

function commandsOf(kind: CommandInfo["kind"]): string[][] {
  return commands
    .filter((command) => command.kind === kind)
    .map(({ name, operand, help, flags }) => {
      const own = flags.map((flag) => ` [--${flag}]`).join("");
      return entry(`${name}${operand ? ` ${operand}` : ""}${own}`, help);
    });
}

function ownFlagEntry({ name, value, help }: CommandFlag): string[] {
  return entry(`--${name}${value ? ` ${value}` : ""}`, help);
}

function section(title: string, entries: readonly string[][]): string[] {
  return ["", `${title}:`, ...entries.flat()];
}

function flagEntry(setting: Setting): string[] {
  const { flagName, kind, help, valid, defaultValue } = setting;
  if (kind === "boolean") return entry(`--[no-]${flagName}`, help);
  const values = kind === "choice" ? `; ${valid}` : "";
  const fallback =
    defaultValue === undefined ? "" : ` [${String(defaultValue)}]`;
  const name = `--${flagName} ${placeholder(setting)}`;
  return entry(name, `${help}${values}${fallback}`);
}

function placeholder({ kind, isPath, flagName }: Setting): string {
  if (isPath) return "PATH";
  if (kind === "choice") return "NAME";
  if (kind === "list") return "LIST";
  if (kind === "string") return "TEXT";
  return flagName.endsWith("-ms") ? "MS" : "N";
}

function entry(name: string, help: string): string[] {
  const [first = "", ...rest] = wrapText(help, WIDTH - COLUMN);
  const indented = rest.map((line) => " ".repeat(COLUMN) + line);
  return [`  ${name}`.padEnd(COLUMN) + first, ...indented];
}
