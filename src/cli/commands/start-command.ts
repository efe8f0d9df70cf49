import {
  type AppInput,
  appInput,
  withAppFlags,
} from "../command-line/app-flags.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import type { Accept, ErrorReport } from "../command-line/invocation.ts";

/** `remuda start [app-module]` */
export function startCommand(accept: Accept): CliCommand {
  const command = new CliCommand("start")
    .about("Run the app module in worker processes")
    .calledElsewhere("run", "serve", "launch", "load", "up");
  return withAppFlags(command).action((words: string[]) => {
    accept("start", appInput(words, command), run);
  });
}

/** Loaded late: other commands, such as health checks, need no master. */
async function run(input: AppInput, report: ErrorReport): Promise<number> {
  const { startDaemon } = await import("../start-daemon.ts");
  return startDaemon(input, report);
}
