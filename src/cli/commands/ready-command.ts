import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  type DaemonInput,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import type { Accept } from "../command-line/invocation.ts";
import { askDaemon } from "../daemon/ask-daemon.ts";
import { exitCode } from "../exit-code.ts";

/** `remuda ready` */
export function readyCommand(accept: Accept): CliCommand {
  const command = new CliCommand("ready")
    .about(
      "Say whether it takes requests; exit code 1 if not",
      "For health checks of containers.",
    )
    .calledElsewhere("is-active", "health", "ping");
  return withDaemonFlags(command).action((flags: DaemonFlags) => {
    accept("ready", { target: daemonTarget(flags) }, run);
  });
}

/** Health checks keep the last line of output and read the exit code. */
function run({ target }: DaemonInput): Promise<number> {
  return askDaemon(target, async ({ status }, { out }) => {
    const { isReady, readiness } = status;
    out(`${isReady ? "ready" : "not ready"}: ${readiness}`);
    return isReady ? exitCode.done : exitCode.failed;
  });
}
