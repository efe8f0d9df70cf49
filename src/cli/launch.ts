/** Starts the server: a master here, workers as its children. */
import { fileURLToPath } from "node:url";
import { Master } from "../master/master.ts";
import { StartError } from "../master/start-error.ts";
import { silentLoss } from "../master/supervisor/in-force.ts";
import type { Predecessor } from "../master/upgrade/outgoing-master.ts";
import type { LoadedSettings } from "../shared/config/load-settings.ts";
import { ownFile } from "../shared/own-folder.ts";

export interface LaunchOptions {
  readonly settings: LoadedSettings;
  /** Reads the settings anew, for a reload. */
  readonly reload: () => Promise<LoadedSettings>;
  /** The master that this one is to succeed. */
  readonly predecessor: Predecessor | undefined;
}

const WORKER_EXEC = fileURLToPath(ownFile("worker-main"));

/**
 * Runs a master until it is told to stop.
 *
 * @returns the exit code
 * @throws StartError where it cannot start
 */
export async function launch(options: LaunchOptions): Promise<number> {
  const { settings: loaded, predecessor, ...others } = options;
  const welcome = await predecessor?.greet();
  const loss = welcome?.inForce && silentLoss(welcome.inForce, loaded);
  if (loss !== undefined) throw new StartError({ message: loss });
  const before = predecessor && { predecessor, welcome };
  const workerExec = WORKER_EXEC;
  return new Master({ loaded, before, ...others, workerExec }).run();
}
