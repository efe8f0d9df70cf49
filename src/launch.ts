/** Starts the server: a master here, workers as its children. */
import { fileURLToPath } from "node:url";
import { Master } from "./master/master.ts";
import type { LoadedSettings } from "./shared/config/load-settings.ts";

export interface LaunchOptions {
  readonly settings: LoadedSettings;
  /** Reads the settings anew, for a reload. */
  readonly reload: () => Promise<LoadedSettings>;
}

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const WORKER_EXEC = fileURLToPath(
  new URL(`./worker-main.${extension}`, import.meta.url),
);

/**
 * Runs a master until it is told to stop.
 *
 * @returns the exit code
 * @throws StartError where it cannot start
 */
export function launch(options: LaunchOptions): Promise<number> {
  const { settings: loaded, reload } = options;
  return new Master({ loaded, reload, workerExec: WORKER_EXEC }).run();
}
