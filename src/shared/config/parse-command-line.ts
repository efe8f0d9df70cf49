import { parseArgs } from "node:util";
import {
  type CommandInfo,
  type CommandName,
  commandFlags,
  commandList,
  daemonFlags,
  daemonSettings,
} from "./command-list.ts";
import {
  type DaemonCommand,
  type DaemonCommandName,
  daemonCommand,
} from "./daemon-command.ts";
import { commandCalled, meantCommand } from "./meant-command.ts";
import { nearestName } from "./nearest-name.ts";
import { type Setting, textSettings } from "./setting-list.ts";
import { UsageError } from "./usage-error.ts";

/** What the arguments of the `remuda` command ask for. */
export type CommandLine =
  | {
      readonly command: "help";
      /** One command; undefined is all. */
      readonly about: CommandName | undefined;
    }
  | { readonly command: "version" }
  | {
      readonly command: "start" | "check-config" | "routes";
      readonly app: string | undefined;
      readonly configPath: string | undefined;
      /** Texts by the names of the setting flags, without the dashes. */
      readonly flags: ReadonlyMap<string, string>;
    }
  | DaemonCommand;

const settings = new Map(textSettings.map((each) => [each.flagName, each]));
const ownFlags = new Map(
  [...commandFlags, ...daemonFlags].map((each) => [each.name, each]),
);
const shortFlags = new Map([
  ["h", "help"],
  ["v", "version"],
]);
const knownFlags = [
  ...settings.keys(),
  ...textSettings.filter(isSwitch).map(({ flagName }) => `no-${flagName}`),
  ...ownFlags.keys(),
  ...["config", "help", "version"],
];

/**
 * @param args what follows the name of the program
 * @throws UsageError for an unknown command or flag, a flag without its value,
 *   or a word too many
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { flags, words } = flagsAndWords(args);
  if (words[0] === "help") return helpAbout(words.slice(1));
  if (flags.has("help")) return helpAbout(words);
  if (flags.has("version")) return { command: "version" };
  if (words[0] === undefined) throw new UsageError("a command is missing");
  const info = commandOf(words);
  if (!info) throw unknownCommand(words[0]);
  assertTaken(info, flags);
  const operands = words.slice(info.name.split(" ").length);
  if (isOfDaemon(info.name)) return daemonCommand(info.name, operands, flags);
  const app = appModule(info.name, operands, flags);
  const configPath = flags.get("config");
  flags.delete("config");
  return { command: info.name, app, configPath, flags };
}

function helpAbout(words: readonly string[]): CommandLine {
  const [word] = words;
  const about = commandOf(words)?.name;
  if (word !== undefined && !about) throw unknownCommand(word);
  return { command: "help", about };
}

function commandOf(words: readonly string[]) {
  return commandList.find(({ name }) => {
    return name.split(" ").every((word, index) => word === words[index]);
  });
}

function isOfDaemon(name: CommandName): name is DaemonCommandName {
  return commandList.some((each) => {
    return each.name === name && each.kind === "daemon";
  });
}

function unknownCommand(word: string): UsageError {
  const hint = didYouMean(meantCommand(word));
  return new UsageError(`unknown command "${word}"${hint}`);
}

function assertTaken(
  { name, kind, flags: own }: CommandInfo,
  flags: ReadonlyMap<string, string>,
): void {
  const taken =
    kind === "app"
      ? [...own, ...settings.keys(), "config"]
      : [
          ...own,
          ...daemonFlags.map((each) => each.name),
          ...daemonSettings,
          "config",
        ];
  for (const flag of flags.keys()) {
    if (taken.includes(flag)) continue;
    throw new UsageError(`${name} does not take --${flag}`);
  }
}

function flagsAndWords(args: readonly string[]) {
  const { tokens } = parseArgs({
    args: [...args],
    options: parseOptions(),
    // Strict mode names neither the nearest flag nor the negated one.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind === "option") flags.set(...flagOf(token));
  }
  return { flags, words };
}

function parseOptions() {
  const options: Record<string, { type: "string" | "boolean" }> = {
    config: { type: "string" },
  };
  for (const setting of textSettings) {
    const type = isSwitch(setting) ? "boolean" : "string";
    options[setting.flagName] = { type };
  }
  for (const { name, value } of ownFlags.values()) {
    options[name] = { type: value === undefined ? "boolean" : "string" };
  }
  return options;
}

interface FlagToken {
  readonly name: string;
  /** As it was written: `--port`. */
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function flagOf(token: FlagToken): [name: string, text: string] {
  const { rawName, value } = token;
  const isLong = rawName.startsWith("--");
  const name = isLong ? token.name : shortFlags.get(token.name);
  if (name === undefined || !knownFlags.includes(name)) throw unknown(rawName);
  const setting = settings.get(name);
  const takesValue =
    setting !== undefined ||
    name === "config" ||
    ownFlags.get(name)?.value !== undefined;
  if (!takesValue) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    return name.startsWith("no-") ? [name.slice(3), "false"] : [name, "true"];
  }
  if (setting && isSwitch(setting)) return [name, value ?? "true"];
  if (isValue(token)) return [name, token.value];
  throw new UsageError(`${rawName} needs a value`);
}

/** A next argument that looks like a flag was not meant to be the value. */
function isValue(token: FlagToken): token is FlagToken & { value: string } {
  const { value, inlineValue } = token;
  return value !== undefined && (inlineValue || !/^-\D/.test(value));
}

function appModule(
  command: string,
  words: readonly string[],
  flags: ReadonlyMap<string, string>,
): string | undefined {
  const flag = flags.get("app");
  const apps = flag === undefined ? words : [...words, flag];
  if (apps.length > 1) {
    const list = apps.map((app) => `"${app}"`).join(" and ");
    throw new UsageError(`${command} takes one app module, not ${list}`);
  }
  return words[0];
}

function isSwitch(setting: Setting): boolean {
  return setting.kind === "boolean";
}

function unknown(rawName: string): UsageError {
  const name = rawName.replace(/^-+/, "");
  const nearest = nearestName(name, knownFlags);
  const meant = commandCalled(name) ?? (nearest && `--${nearest}`);
  return new UsageError(`unknown flag ${rawName}${didYouMean(meant)}`);
}

function didYouMean(nearest: string | undefined): string {
  return nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
}
