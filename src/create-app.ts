import { runApp } from "./run-app.ts";
import { App } from "./worker/app/app.ts";

/**
 * A new application. `app.run()` serves it as `remuda start` would serve the
 * script: settings come from `remuda.config.*`, `REMUDA_*` and the script's
 * flags. It resolves once the server has stopped.
 */
export function createApp(): App {
  return new App({ run: runApp });
}
