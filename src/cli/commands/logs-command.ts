import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  type DaemonInput,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import type { Accept } from "../command-line/invocation.ts";
import { controlDaemon } from "../daemon/control-daemon.ts";

/** `remuda logs reopen` */
export function logsCommand(accept: Accept): CliCommand {
  const reopen = new CliCommand("reopen")
    .about(
      "Open log files again, after they were moved away",
      "As USR1 does, for log rotation.",
    )
    .calledElsewhere("reopen", "reloadlogs", "flush", "rotate");
  withDaemonFlags(reopen).action((flags: DaemonFlags) => {
    accept("logs reopen", { target: daemonTarget(flags) }, runReopen);
  });
  const logs = new CliCommand("logs").helpGroup(
    "Commands for a running daemon:",
  );
  logs.addCommand(reopen);
  return logs;
}

function runReopen({ target }: DaemonInput): Promise<number> {
  return controlDaemon(target, {
    name: "logs reopen",
    path: "logs/reopen",
    wait: "silent",
    begun: () => "log files are opened again",
    done: () => "log files are opened again",
  });
}
