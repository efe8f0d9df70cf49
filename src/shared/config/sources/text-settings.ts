/** Settings that are given as texts: in variables and in flags. */
import path from "node:path";
import type { SettingProblem } from "../checks/setting-problem.ts";
import { locateModule } from "../locate-module.ts";
import { nearestName } from "../nearest-name.ts";
import { type Setting, textSettings } from "../setting-list.ts";
import type { GivenSetting, GivenSettings } from "./given-settings.ts";

/** Variables that start with `REMUDA_` and are not settings. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  // Path of the config file, as --config.
  "REMUDA_CONFIG",
  // From the outgoing to the incoming master: see inheritance.ts.
  "REMUDA_INHERITED",
]);

const settings = new Map(textSettings.map((each) => [each.envName, each]));
const knownNames = [...settings.keys(), ...RESERVED_NAMES];

/**
 * The settings in `REMUDA_*` variables. An empty variable counts as not set,
 * unless the setting may be empty: compose files and CI pass unset ones so.
 */
export function envSettings(env: NodeJS.ProcessEnv, cwd: string) {
  const given: GivenSetting[] = [];
  const problems: SettingProblem[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith("REMUDA_") || RESERVED_NAMES.has(name)) continue;
    const setting = settings.get(name);
    if (setting === undefined) {
      const nearest = nearestName(name, knownNames);
      problems.push({ type: "unknownName", name, origin: name, nearest });
    } else if (text !== undefined && (text !== "" || setting.canBeEmpty)) {
      const value = textValue(setting, text, cwd);
      given.push({ path: setting.path, value, origin: name });
    }
  }
  return { given, problems } satisfies GivenSettings;
}

/** The settings in flags; `flags` maps their names, without the dashes. */
export function flagSettings(flags: ReadonlyMap<string, string>, cwd: string) {
  const given = textSettings.flatMap((setting) => {
    const text = flags.get(setting.flagName);
    if (text === undefined) return [];
    const value = textValue(setting, text, cwd);
    return { path: setting.path, value, origin: `--${setting.flagName}` };
  });
  return { given, problems: [] } satisfies GivenSettings;
}

/**
 * A text that does not fit the kind of the setting stays a text, which the
 * schema refuses. Commas separate the items of a list. A relative path starts
 * in `folder`.
 */
function textValue(
  { kind, isPath, areModules }: Setting,
  text: string,
  folder: string,
): string | number | boolean | readonly string[] {
  if (isPath && text !== "") return path.resolve(folder, text);
  if (kind === "integer" && /^[+-]?\d+$/.test(text)) return Number(text);
  if (kind === "number" && /^[+-]?\d*\.?\d+$/.test(text)) return Number(text);
  if (kind === "list") {
    const items = text === "" ? [] : text.split(",");
    return areModules ? items.map((item) => locateModule(item, folder)) : items;
  }
  if (kind === "boolean" && text === "true") return true;
  if (kind === "boolean" && text === "false") return false;
  return text;
}
