import type {
  StacksOutcome,
  WorkerStack,
} from "../../shared/control/control-answer.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  type DaemonInput,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import type { Accept } from "../command-line/invocation.ts";
import { askDaemon } from "../daemon/ask-daemon.ts";
import { outcomeIn } from "../daemon/outcome-in.ts";
import { durationText } from "../display/format.ts";
import { exitCode } from "../exit-code.ts";
import { queryOf, workerOption } from "../inspection/inspection-flags.ts";

interface StacksInput extends DaemonInput {
  readonly worker: number | undefined;
}

interface StacksFlags extends DaemonFlags {
  readonly worker?: number;
}

/** Heartbeats of a worker whose event loop turns are not older. */
const LATE_SECONDS = 2;

/** `remuda stacks` */
export function stacksCommand(accept: Accept): CliCommand {
  const command = new CliCommand("stacks")
    .about(
      "Print what each worker is executing now",
      "A worker is paused for a few milliseconds. Blocked event loops answer too.",
    )
    .calledElsewhere("jstack", "backtrace", "stack")
    .addOption(workerOption("Only the worker in this slot"));
  return withDaemonFlags(command).action((flags: StacksFlags) => {
    const { worker } = flags;
    accept("stacks", { target: daemonTarget(flags), worker }, run);
  });
}

function run({ target, worker }: StacksInput): Promise<number> {
  return askDaemon(target, async ({ client }, { out, err }) => {
    const reply = await client.post(`/control/stacks${queryOf({ worker })}`);
    const outcome = outcomeIn<StacksOutcome>(reply.body);
    const { result, stacks = [], error = "" } = outcome;
    if (result !== "success") {
      err(`stacks ${result}: ${error}`);
      return exitCode.failed;
    }
    const inOrder = [...stacks].sort((one, other) => one.slot - other.slot);
    for (const each of inOrder) out(stackText(each));
    return exitCode.done;
  });
}

/** The event loop waits, or has just begun to handle a timer or a packet. */
function isIdle(stack: readonly string[]): boolean {
  return stack.every((frame) => frame.includes(" (node:internal/"));
}

function stackText({ slot, pid, state, stack, ...rest }: WorkerStack): string {
  const { heartbeatAgeSeconds, error } = rest;
  const name = `worker ${slot} (pid ${pid}, ${state})`;
  if (error !== undefined) return `${name}: not known: ${error}`;
  if (!isIdle(stack)) {
    return [name, ...stack.map((frame) => `    at ${frame}`)].join("\n");
  }
  if (heartbeatAgeSeconds < LATE_SECONDS)
    return `${name}: idle (no JavaScript runs)`;
  const age = durationText(heartbeatAgeSeconds);
  return `${name}: in native code or stopped; last heartbeat ${age} ago`;
}
