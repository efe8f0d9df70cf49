import { realpathSync } from "node:fs";
import type { Settings } from "../../../shared/config/settings.ts";

/**
 * What a generation runs, settled when its settings were read. A release is
 * often a link that the next deployment switches: a generation keeps the one
 * it began with, for a worker that crashes and for a roll that returns.
 */
export interface Release {
  /** With the app module behind any links. */
  readonly settings: Settings;
  /** The app module as it was named. */
  readonly app: string | undefined;
  /** Where its workers run, behind any links. */
  readonly folder: string;
}

/** @param workingFolder by the name that it was started in */
export function pinnedRelease(
  settings: Settings,
  workingFolder: string,
): Release {
  const { app } = settings;
  const folder = realPathOf(workingFolder);
  if (app === undefined) return { settings, app, folder };
  return { settings: { ...settings, app: realPathOf(app) }, app, folder };
}

/** One that does not exist stays: the worker that needs it says so best. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
