import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  daemonTarget,
  type WaitInput,
  waitOption,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import type { Accept } from "../command-line/invocation.ts";
import { controlDaemon } from "../daemon/control-daemon.ts";

/** `remuda upgrade` */
export function upgradeCommand(accept: Accept): CliCommand {
  const command = new CliCommand("upgrade")
    .about(
      "Replace the master too, with the Remuda and Node now on disk",
      "If the new master does not become ready, the old one goes on.",
    )
    .calledElsewhere("update")
    .addOption(waitOption());
  return withDaemonFlags(command).action(
    ({ wait = false, ...flags }: DaemonFlags & { wait?: boolean }) => {
      accept("upgrade", { target: daemonTarget(flags), wait }, run);
    },
  );
}

function run({ target, wait }: WaitInput): Promise<number> {
  return controlDaemon(target, {
    name: "upgrade",
    path: "upgrade",
    wait: wait ? "progress" : "no",
    begun: () => "upgrading; remuda status shows the progress",
    done: ({ pid }) => `upgraded: the master's pid is ${pid} now`,
  });
}
