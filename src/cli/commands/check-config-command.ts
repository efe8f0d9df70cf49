import { settingsWarnings } from "../../shared/config/checks/settings-warnings.ts";
import {
  type AppInput,
  appInput,
  withAppFlags,
} from "../command-line/app-flags.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import type { Accept } from "../command-line/invocation.ts";
import { settingsReport } from "../display/settings-report.ts";
import { exitCode } from "../exit-code.ts";
import { settingsLoader } from "../settings-loader.ts";

/** `remuda check-config [app-module]` */
export function checkConfigCommand(accept: Accept): CliCommand {
  const command = new CliCommand("check-config")
    .about("Print the settings, and the origin of each")
    .calledElsewhere("test", "t", "configtest", "validate", "check", "config");
  return withAppFlags(command).action((words: string[]) => {
    accept("check-config", appInput(words, command), run);
  });
}

async function run(input: AppInput): Promise<number> {
  const loaded = await settingsLoader(input)();
  process.stdout.write(settingsReport(loaded));
  for (const warning of settingsWarnings(loaded)) {
    process.stderr.write(`remuda: warning: ${warning}\n`);
  }
  const { configOutput: output } = loaded;
  if (output) process.stderr.write(`remuda: config file printed: ${output}\n`);
  return exitCode.done;
}
