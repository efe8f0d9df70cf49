import { fileURLToPath } from "node:url";
import { Master } from "../master/master.ts";
import { StartError } from "../master/start-error.ts";
import { silentLoss } from "../master/supervisor/in-force.ts";
import { OutgoingChannel } from "../master/upgrade/outgoing-channel.ts";
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
  const outgoing = await OutgoingChannel.find(process.env);
  try {
    const reload = settingsLoader(input);
    const loaded = await reload();
    report.showsStackTrace = loaded.settings.showStackTraces;
    const takeOver = outgoing && (await greeted(outgoing, loaded));
    const workerExec = WORKER_EXEC;
    return await new Master({ loaded, takeOver, reload, workerExec }).run();
  } catch (error) {
    await outgoing?.reject(error as Error);
    throw error;
  } finally {
    outgoing?.close();
  }
}

/** @throws StartError where settings in force would be lost silently */
async function greeted(outgoing: OutgoingChannel, loaded: LoadedSettings) {
  const welcome = await outgoing.greet();
  const loss = welcome?.inForce && silentLoss(welcome.inForce, loaded);
  if (loss !== undefined) throw new StartError({ message: loss });
  return { outgoing, welcome };
}
