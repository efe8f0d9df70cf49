import cluster from "node:cluster";
import type { App } from "./worker/app/app.ts";
import { isLoadingApp, offerApp } from "./worker/load-app.ts";

/**
 * Implements `app.run()`. In a process that is loading an app module, such as a
 * worker, it offers the app to the loader; otherwise it starts the daemon.
 */
export async function runApp(app: App): Promise<void> {
  if (cluster.isWorker || isLoadingApp()) {
    offerApp(app);
    return;
  }
  await import("./shared/early-signals.ts");
  const { runCommand } = await import("./cli/run-command.ts");
  const [, script = "", ...flags] = process.argv;
  await runCommand(["start", script, ...flags]);
}
