import {
  type LoadedSettings,
  loadSettings,
} from "../shared/config/load-settings.ts";
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

/**
 * Returns a function that never runs twice at the same time: calls during a run
 * share the next one, which begins after them.
 */
function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | undefined;
  return () => {
    if (waiting) return waiting;
    const begin = () => {
      waiting = undefined;
      return work();
    };
    const run = last.then(begin, begin);
    waiting = run;
    last = run;
    return run;
  };
}
