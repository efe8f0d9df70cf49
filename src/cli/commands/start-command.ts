import { appInput, withAppFlags } from "../command-line/app-flags.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import type { Accept } from "../command-line/invocation.ts";
import { startDaemon } from "../start-daemon.ts";

/** `remuda start [app-module]` */
export function startCommand(accept: Accept): CliCommand {
  const command = new CliCommand("start")
    .about("Run the app module in worker processes")
    .calledElsewhere("run", "serve", "launch", "load", "up");
  return withAppFlags(command).action((words: string[]) => {
    accept("start", appInput(words, command), startDaemon);
  });
}
