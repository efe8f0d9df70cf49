import {
  type AppInput,
  appInput,
  withAppFlags,
} from "../command-line/app-flags.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import type { Accept } from "../command-line/invocation.ts";
import { exitCode } from "../exit-code.ts";
import { settingsLoader } from "../settings-loader.ts";

/** `remuda routes [app-module]` */
export function routesCommand(accept: Accept): CliCommand {
  const command = new CliCommand("routes").about(
    "Print the app's routes, and the origin of each",
  );
  return withAppFlags(command).action((words: string[]) => {
    accept("routes", appInput(words, command), run);
  });
}

/** Loaded here: no other command runs the code of workers in this process. */
async function run(input: AppInput): Promise<number> {
  const { settings } = await settingsLoader(input)();
  const { App } = await import("../../worker/app/app.ts");
  const { loadApp } = await import("../../worker/load-app.ts");
  const app = await loadApp(settings.app, () => new App());
  process.stdout.write(app.printRoutes());
  return exitCode.done;
}
