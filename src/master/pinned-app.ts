import { realpathSync } from "node:fs";
import type { Settings } from "../shared/config/settings.ts";

/**
 * Settings whose app module is the file that its name leads to now. A release
 * is often a link that the next deployment switches: a generation keeps the
 * release it began with, for a worker that crashes and for a roll that returns.
 */
export function pinnedApp(settings: Settings): {
  readonly settings: Settings;
  /** As it was named. */
  readonly app: string | undefined;
} {
  const { app } = settings;
  if (app === undefined) return { settings, app };
  return { settings: { ...settings, app: realPathOf(app) }, app };
}

/** One that does not exist stays: the worker that loads it says so best. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
