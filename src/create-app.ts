import cluster from "node:cluster";
import { App } from "./worker/app/app.ts";
import { isLoadingApp, offerApp } from "./worker/load-app.ts";

/**
 * A new application. `app.run()` serves it as `remuda start` would serve the
 * script: settings come from `remuda.config.*`, `REMUDA_*` and the script's
 * flags. It resolves once the server has stopped.
 */
export function createApp(): App {
  return new App({ run });
}

async function run(app: App): Promise<void> {
  if (cluster.isWorker || isLoadingApp()) {
    offerApp(app);
    return;
  }
  const { runCommand } = await import("./command.ts");
  const [, script = "", ...flags] = process.argv;
  await runCommand(["start", script, ...flags]);
}
