import { runApp } from "./run-app.ts";
import { App } from "./worker/app/app.ts";

/**
 * Creates an application. `app.run()` serves it like `remuda start` with the
 * script: settings come from `remuda.config.*`, `REMUDA_*` and the script's
 * flags. The promise resolves when the server has stopped.
 */
export function createApp(): App {
  return new App({ run: runApp });
}
