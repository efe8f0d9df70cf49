import type { GivenSetting, GivenSettings } from "./given-settings.ts";
import { nearestName } from "./nearest-name.ts";
import { reservedEnvNames } from "./reserved-env-names.ts";
import { textSettings } from "./setting-list.ts";
import type { SettingProblem } from "./setting-problem.ts";
import { textValue } from "./text-value.ts";

const settings = new Map(textSettings.map((each) => [each.envName, each]));
const knownNames = [...settings.keys(), ...reservedEnvNames];

/**
 * The settings in `REMUDA_*` variables. An empty variable counts as not set,
 * unless the setting may be empty: compose files and CI pass unset ones so.
 */
export function envSettings(env: NodeJS.ProcessEnv, cwd: string) {
  const given: GivenSetting[] = [];
  const problems: SettingProblem[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith("REMUDA_") || reservedEnvNames.has(name)) continue;
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
