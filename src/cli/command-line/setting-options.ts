import { Option } from "commander";
import {
  type Setting,
  textSettings,
} from "../../shared/config/setting-list.ts";

/** The flags of all settings, made from the schema; commands share them. */
export const settingOptions: readonly Option[] =
  textSettings.map(settingOption);

function settingOption(setting: Setting): Option {
  const { flagName, kind, help, valid, defaultValue, section } = setting;
  if (kind === "boolean") {
    return new Option(`--${flagName} [boolean]`, help).helpGroup(`${section}:`);
  }
  const values = kind === "choice" ? `; ${valid}` : "";
  const fallback =
    defaultValue === undefined ? "" : ` [${String(defaultValue)}]`;
  const flags = `--${flagName} <${placeholder(setting)}>`;
  const option = new Option(flags, `${help}${values}${fallback}`);
  if (kind === "list") option.argParser(joined);
  return option.helpGroup(`${section}:`);
}

/** The flag of a list may be given several times. */
export function joined(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
}

export function isList({ parseArg }: Option): boolean {
  return parseArg === joined;
}

/** @throws Error for a setting that has no flag */
export function settingOptionNamed(flagName: string): Option {
  const setting = textSettings.find((each) => each.flagName === flagName);
  if (!setting) throw new Error(`no setting has the flag --${flagName}`);
  return settingOption(setting);
}

function placeholder({ kind, isPath, flagName }: Setting): string {
  if (isPath) return "PATH";
  if (kind === "choice") return "NAME";
  if (kind === "list") return "LIST";
  if (kind === "string") return "TEXT";
  return flagName.endsWith("-ms") ? "MS" : "N";
}
