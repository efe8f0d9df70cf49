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

/** `remuda reload` */
export function reloadCommand(accept: Accept): CliCommand {
  const command = new CliCommand("reload")
    .about(
      "Replace the workers with the code now on disk",
      "The config file is read again. If a new worker does not become ready, " +
        "the old ones go on; --wait then says why, with exit code 1.",
    )
    .calledElsewhere("restart", "force-reload", "try-restart", "rollout", "hup")
    .addOption(waitOption());
  return withDaemonFlags(command).action(
    ({ wait = false, ...flags }: DaemonFlags & { wait?: boolean }) => {
      accept("reload", { target: daemonTarget(flags), wait }, run);
    },
  );
}

function run({ target, wait }: WaitInput): Promise<number> {
  return controlDaemon(target, {
    name: "reload",
    path: "reload",
    wait: wait ? "progress" : "no",
    begun: () => "reloading; remuda status shows the progress",
    done: ({ generation }) => `reloaded: generation ${generation}`,
  });
}
