import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  type DaemonInput,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import type { Accept } from "../command-line/invocation.ts";
import { askDaemon } from "../daemon/ask-daemon.ts";
import { statusText } from "../display/status-text.ts";
import { exitCode } from "../exit-code.ts";

interface StatusInput extends DaemonInput {
  readonly asJson: boolean;
}

/** `remuda status` */
export function statusCommand(accept: Accept): CliCommand {
  const command = new CliCommand("status")
    .about("Show a running daemon and its workers")
    .calledElsewhere("list", "ls", "ps", "info", "show", "describe", "state")
    .option("--json", "Print the fields of /status");
  return withDaemonFlags(command).action(
    ({ json = false, ...flags }: DaemonFlags & { json?: boolean }) => {
      accept("status", { target: daemonTarget(flags), asJson: json }, run);
    },
  );
}

function run({ target, asJson }: StatusInput): Promise<number> {
  return askDaemon(target, async ({ status }, { out }) => {
    out(
      asJson ? JSON.stringify(status, null, 2) : statusText(status).trimEnd(),
    );
    return exitCode.done;
  });
}
