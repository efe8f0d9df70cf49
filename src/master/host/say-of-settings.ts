import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import { settingsWarnings } from "../../shared/config/settings-warnings.ts";
import type { Logger } from "../../shared/logger.ts";

/** Logs what there is to say of settings that are taken. */
export function sayOfSettings(loaded: LoadedSettings, logger: Logger): void {
  const { configFile, configOutput: output } = loaded;
  if (output) logger.info({ configFile, output }, "config file printed");
  for (const warning of settingsWarnings(loaded)) logger.warn(warning);
}
