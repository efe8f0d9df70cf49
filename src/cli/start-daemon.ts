import { fileURLToPath } from "node:url";
import { Master } from "../master/master.ts";
import { StartError } from "../master/start-error.ts";
import { silentLoss } from "../master/supervisor/in-force.ts";
import { Predecessor } from "../master/upgrade/outgoing-master.ts";
import type { LoadedSettings } from "../shared/config/load-settings.ts";
import { ownFile } from "../shared/own-folder.ts";
import type { AppInput } from "./command-line/app-flags.ts";
import type { ErrorReport } from "./command-line/invocation.ts";
import { settingsLoader } from "./settings-loader.ts";

const WORKER_EXEC = fileURLToPath(ownFile("worker-main"));

/**
 * Runs a master in this process until it is told to stop. In an upgrade, an
 * error is sent to the outgoing master too.
 *
 * @returns the exit code
 * @throws SettingsError or StartError where it cannot start
 */
export async function startDaemon(
  input: AppInput,
  report: ErrorReport,
): Promise<number> {
  const predecessor = await Predecessor.find(process.env);
  try {
    const reload = settingsLoader(input);
    const loaded = await reload();
    report.showsStackTrace = loaded.settings.showStackTraces;
    const before = predecessor && (await greeted(predecessor, loaded));
    const workerExec = WORKER_EXEC;
    return await new Master({ loaded, before, reload, workerExec }).run();
  } catch (error) {
    await predecessor?.disappoint(error as Error);
    throw error;
  } finally {
    predecessor?.close();
  }
}

/** @throws StartError where settings in force would be lost silently */
async function greeted(predecessor: Predecessor, loaded: LoadedSettings) {
  const welcome = await predecessor.greet();
  const loss = welcome?.inForce && silentLoss(welcome.inForce, loaded);
  if (loss !== undefined) throw new StartError({ message: loss });
  return { predecessor, welcome };
}
