import { setTimeout as delay } from "node:timers/promises";
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

interface StopInput extends WaitInput {
  readonly now: boolean;
}

interface StopFlags extends DaemonFlags {
  readonly now?: boolean;
  readonly wait?: boolean;
}

/** How long the process may take to end after it has said that it stopped. */
const EXIT_TIMEOUT_MS = 5_000;
const EXIT_POLL_MS = 20;

/** `remuda stop` */
export function stopCommand(accept: Accept): CliCommand {
  const command = new CliCommand("stop")
    .about(
      "Stop the daemon, as TERM does",
      "Requests in flight are finished, for at most drain.deadlineMs.",
    )
    .calledElsewhere(
      ...["quit", "exit", "kill", "delete", "del", "rm", "unload"],
      ...["shutdown", "terminate", "halt", "down"],
    )
    .option("--now", "Cut requests in flight instead of finishing them")
    .addOption(waitOption());
  return withDaemonFlags(command).action((flags: StopFlags) => {
    const { now = false, wait = false } = flags;
    accept("stop", { target: daemonTarget(flags), now, wait }, run);
  });
}

function run({ target, now, wait }: StopInput): Promise<number> {
  return controlDaemon(target, {
    name: "stop",
    path: now ? "stop?now=" : "stop",
    wait: wait ? "progress" : "no",
    begun: () => "stopping",
    done: () => "stopped",
    settle: untilGone,
  });
}

/** Its ports and files are free only when its process has ended. */
async function untilGone(pid: number): Promise<void> {
  const deadline = performance.now() + EXIT_TIMEOUT_MS;
  while (isAlive(pid) && performance.now() < deadline) {
    await delay(EXIT_POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
