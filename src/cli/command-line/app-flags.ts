/** The operand and the flags of commands that run or read an app. */
import { Option } from "commander";
import { UsageError } from "../usage-error.ts";
import type { CliCommand } from "./cli-command.ts";
import { settingOptions } from "./setting-options.ts";

/** Which app, with which settings. */
export interface AppInput {
  readonly app: string | undefined;
  /** Config file instead of the one in the working folder. */
  readonly configPath: string | undefined;
  /** Texts by the names of the settings' flags, without the dashes. */
  readonly flags: ReadonlyMap<string, string>;
}

const PRECEDENCE =
  "Flags override environment variables, which override the config file, " +
  "which overrides the defaults. The flag --drain-linger-ms is " +
  "drain.lingerMs in the file and REMUDA_DRAIN_LINGER_MS in the environment.";

/** The same for all commands. */
export function configOption(): Option {
  return new Option(
    "--config <PATH>",
    "Config file instead of remuda.config.js, .mjs, .cjs, .ts or .json here; " +
      "none: without",
  );
}

/** Adds `[app-module]`, `--config` and the flags of all settings. */
export function withAppFlags(command: CliCommand): CliCommand {
  // Variadic, so that a second module is refused together with --app.
  command
    .argument("[app-module...]")
    .description(`${command.description()}\n\n${PRECEDENCE}`)
    .helpGroup("Commands:")
    .addOption(configOption().helpGroup("Config file:"));
  return command.lateOptions(settingOptions);
}

/**
 * Returns the input of a command with these flags.
 *
 * @throws UsageError for more than one app module
 */
export function appInput(
  words: readonly string[],
  command: CliCommand,
): AppInput {
  const given: Readonly<Record<string, string | undefined>> = command.opts();
  const apps = given.app === undefined ? words : [...words, given.app];
  if (apps.length > 1) {
    const list = apps.map((app) => `"${app}"`).join(" and ");
    throw new UsageError(`${command.name()} takes one app module, not ${list}`);
  }
  const flags = new Map<string, string>();
  for (const option of command.options) {
    const text = given[option.attributeName()];
    const isSetting = option.name() !== "config";
    if (isSetting && text !== undefined) flags.set(option.name(), text);
  }
  return { app: words[0], configPath: given.config, flags };
}
