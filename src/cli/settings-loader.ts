import {
  type LoadedSettings,
  loadSettings,
} from "../shared/config/load-settings.ts";
import { oneAtATime } from "../shared/one-at-a-time.ts";
import type { AppInput } from "./command-line/app-flags.ts";
import { workingFolder } from "./working-folder.ts";

/**
 * Returns a function that loads the settings. The sources are fixed here, and
 * read again by each call. Calls do not overlap: each may cost a process.
 */
export function settingsLoader(input: AppInput): () => Promise<LoadedSettings> {
  const { app, configPath, flags } = input;
  const env = { ...process.env };
  const sources = { cwd: workingFolder(env), env, flags, app, configPath };
  return oneAtATime(() => loadSettings(sources));
}
