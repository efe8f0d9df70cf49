import type { GivenSettings } from "./given-settings.ts";
import { textSettings } from "./setting-list.ts";
import { textValue } from "./text-value.ts";

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
