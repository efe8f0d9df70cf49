import { checkGivenSettings } from "./checks/check-given-settings.ts";
import { SettingsError } from "./checks/settings-error.ts";
import { settingList } from "./setting-list.ts";
import type { Settings } from "./settings.ts";
import {
  gatherSettings,
  type SettingsSources,
} from "./sources/gather-settings.ts";
import type { GivenByPath } from "./sources/given-settings.ts";

export interface LoadedSettings {
  readonly settings: Settings;
  /**
   * For the path of each setting (`drain.lingerMs`), where its value is from:
   * `default`, the config file's path, a variable's name, a flag (`--port`), or
   * `the command line`.
   */
  readonly origins: ReadonlyMap<string, string>;
  readonly configFile: string | undefined;
  /** There is a config file without settings. */
  readonly hasEmptyConfig: boolean;
  /** Output of the config file while it was evaluated, in one line. */
  readonly configOutput: string;
  /** Base of relative paths. */
  readonly cwd: string;
}

/**
 * The effective settings: defaults, under the config file, under `REMUDA_*`
 * variables, under flags. Each call reads the file again: a reload calls it
 * with the same sources.
 *
 * @throws SettingsError with all problems at once
 */
export async function loadSettings(
  sources: SettingsSources,
): Promise<LoadedSettings> {
  const {
    given,
    problems: misgiven,
    file: configFile,
    isEmpty: hasEmptyConfig,
    printed: configOutput,
    cause,
  } = await gatherSettings(sources);
  const { settings, problems: refusals } = checkGivenSettings(given);
  const problems = misgiven.concat(refusals);
  if (settings === undefined || problems.length > 0) {
    throw new SettingsError(problems, cause);
  }
  const origins = originsOf(given);
  const { cwd } = sources;
  const config = { configFile, hasEmptyConfig, configOutput };
  return { settings, origins, ...config, cwd };
}

function originsOf(given: GivenByPath): Map<string, string> {
  return new Map(
    settingList.map((each) => [
      each.path,
      given.get(each.path)?.origin ?? "default",
    ]),
  );
}
