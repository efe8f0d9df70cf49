import { realpathSync } from "node:fs";
import type { Settings } from "../../../shared/config/settings.ts";

/**
 * The code of a generation, fixed when its settings are read. A release is
 * often a symbolic link that the next deployment switches; a generation keeps
 * its release, so that workers of it can still be started.
 */
export interface Release {
  /** With links in the path of the app module resolved. */
  readonly settings: Settings;
  /** The app module, as the settings name it. */
  readonly app: string | undefined;
  /** Working folder of the workers, with links resolved. */
  readonly folder: string;
}

/** @param workingFolder by the name that the master was started in */
export function pinnedRelease(
  settings: Settings,
  workingFolder: string,
): Release {
  const { app } = settings;
  const folder = realPathOf(workingFolder);
  if (app === undefined) return { settings, app, folder };
  return { settings: { ...settings, app: realPathOf(app) }, app, folder };
}

/** A path that does not exist stays: the worker reports it. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
