import type { InspectorOutcome } from "../../shared/control/control-answer.ts";
import { MAX_INSPECTOR_SECONDS } from "../../shared/inspection/inspection-limits.ts";
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
import {
  queryOf,
  secondsOption,
  workerOption,
} from "../inspection/inspection-flags.ts";
import { UsageError } from "../usage-error.ts";

interface InspectInput extends DaemonInput {
  readonly worker: number;
  readonly seconds: number;
  readonly close: boolean;
}

interface InspectFlags extends DaemonFlags {
  readonly worker?: number;
  readonly seconds?: number;
  readonly close?: boolean;
}

const DEFAULT_SECONDS = 600;

/** `remuda inspect` */
export function inspectCommand(accept: Accept): CliCommand {
  const command = new CliCommand("inspect")
    .about(
      "Open the inspector of a worker for a debugger, on 127.0.0.1",
      "Every user of this machine can reach it, and may then do what the worker " +
        "may. It closes after --seconds, with --close, or with the worker.",
    )
    .calledElsewhere("debug", "debugger", "attach")
    .addOption(workerOption("The worker in this slot"))
    .addOption(
      secondsOption(
        "Time until it closes",
        DEFAULT_SECONDS,
        MAX_INSPECTOR_SECONDS,
      ),
    )
    .option("--close", "Close it again");
  return withDaemonFlags(command).action((flags: InspectFlags) => {
    const { worker, seconds = DEFAULT_SECONDS, close = false } = flags;
    if (worker === undefined) throw new UsageError("inspect needs --worker");
    accept(
      "inspect",
      { target: daemonTarget(flags), worker, seconds, close },
      run,
    );
  });
}

function run(input: InspectInput): Promise<number> {
  const { target, worker, seconds, close } = input;
  const query = close ? { worker, close } : { worker, openSeconds: seconds };
  return askDaemon(target, async ({ client }, { out, err }) => {
    const reply = await client.post(`/control/inspect${queryOf(query)}`);
    const outcome = outcomeIn<InspectorOutcome>(reply.body);
    const { result, error = "", url } = outcome;
    if (result !== "success") {
      err(`inspect ${result === "refused" ? result : "failed"}: ${error}`);
      return exitCode.failed;
    }
    out(url === undefined ? "closed" : openedText(outcome, url, seconds));
    return exitCode.done;
  });
}

function openedText(
  { slot, pid }: InspectorOutcome,
  url: string,
  seconds: number,
): string {
  const socket = url.replace("ws://", "ws=");
  return [
    `worker ${slot} (pid ${pid}) listens for a debugger:`,
    `  ${url}`,
    `  devtools://devtools/bundled/js_app.html?v8only=true&${socket}`,
    `until ${durationText(seconds)} have passed, or remuda inspect ` +
      `--worker ${slot} --close`,
  ].join("\n");
}
