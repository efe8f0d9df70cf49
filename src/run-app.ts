import cluster from "node:cluster";
import type { App } from "./worker/app/app.ts";
import { isLoadingApp, offerApp } from "./worker/load-app.ts";

/** What `app.run()` does: serves it, or offers it to who is loading it. */
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
