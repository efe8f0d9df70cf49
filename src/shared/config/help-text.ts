import {
  type CommandFlag,
  type CommandInfo,
  type CommandName,
  commandFlags,
  commandList,
  daemonFlags,
  daemonSettings,
} from "./command-list.ts";
import { type Setting, textSettings } from "./setting-list.ts";
import { wrapText } from "./wrap-text.ts";

const WIDTH = 80;
const COLUMN = 36;

const CONFIG_ENTRY = entry(
  "--config PATH",
  "Config file instead of remuda.config.js, .mjs, .cjs, .ts or .json here; " +
    "none: without",
);

const commands: readonly CommandInfo[] = commandList;

/**
 * The text of `remuda --help`, or the help of one command. The flags come from
 * the schema.
 */
export function helpText(about?: CommandName): string {
  const command = commands.find(({ name }) => name === about);
  return command ? commandHelp(command) : generalHelp();
}

function generalHelp(): string {
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
    ...settingsHelp(),
    "",
  ].join("\n");
}

function commandHelp(command: CommandInfo): string {
  const { kind, help, details, flags } = command;
  const own = commandFlags.filter(({ name }) => flags.includes(name));
  const isOfDaemon = kind === "daemon";
  return [
    `Usage: remuda ${callOf(command)} [flags]`,
    "",
    ...wrapText(`${help}.${details ? ` ${details}` : ""}`, WIDTH),
    ...(isOfDaemon
      ? [
          ...section("Flags", [
            ...own.map(ownFlagEntry),
            ...daemonFlags.map(ownFlagEntry),
            ...textSettings
              .filter(({ flagName }) => daemonSettings.includes(flagName))
              .map(flagEntry),
            CONFIG_ENTRY,
          ]),
          "",
          ...wrapText(FINDING, WIDTH),
        ]
      : settingsHelp()),
    "",
  ].join("\n");
}

/** Explains the precedence and lists the settings by section. */
function settingsHelp(): string[] {
  const titles = [...new Set(textSettings.map((each) => each.section))];
  return [
    "",
    ...wrapText(PRECEDENCE, WIDTH),
    ...section("Config file", [CONFIG_ENTRY]),
    ...titles.flatMap((title) => {
      const settings = textSettings.filter((each) => each.section === title);
      return section(title, settings.map(flagEntry));
    }),
  ];
}

const FINDING =
  "The daemon's control socket is looked for where --runtime-dir, its variable " +
  "or the config file say, or else in the usual folders. Exit codes: 0 done, " +
  "1 it failed, 2 wrong usage, 3 no daemon found.";

const PRECEDENCE =
  "Flags win over environment variables, those over the config file, that " +
  "over the defaults. What is --drain-linger-ms here is drain.lingerMs in the " +
  "file and REMUDA_DRAIN_LINGER_MS in the environment.";

function commandsOf(kind: CommandInfo["kind"]): string[][] {
  return commands
    .filter((command) => command.kind === kind)
    .map((command) => {
      const own = command.flags.map((flag) => ` [--${flag}]`).join("");
      return entry(`${callOf(command)}${own}`, command.help);
    });
}

function callOf({ name, operand }: CommandInfo): string {
  return operand === undefined ? name : `${name} ${operand}`;
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
