import { Option } from "commander";
import {
  DEFAULT_LOG_LINES,
  MAX_LOG_LINES,
} from "../../shared/control/log-limits.ts";
import { LEVELS } from "../../shared/logging/line-facts.ts";
import type { LogFormat } from "../../shared/logging/pretty-output.ts";
import { MAX_WORKERS } from "../../shared/max-workers.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  type DaemonInput,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import { integerValue } from "../command-line/integer-value.ts";
import type { Accept } from "../command-line/invocation.ts";
import { controlDaemon } from "../daemon/control-daemon.ts";
import { showLogs } from "../display/show-logs.ts";

interface LogsFlags extends DaemonFlags {
  readonly follow?: boolean;
  readonly worker?: number;
  readonly level?: string;
  readonly lines?: number;
  readonly logFormat?: LogFormat;
}

/** `remuda logs`, `remuda logs reopen` */
export function logsCommand(accept: Accept): CliCommand {
  const logs = new CliCommand("logs")
    .about(
      "Show recent lines of the log, of the master and all workers",
      "Lines of workers that have ended are among them.",
    )
    .calledElsewhere("log", "tail", "journal")
    .option(
      "-f, --follow",
      "Show new lines too, until the command is interrupted",
    );
  for (const option of lineOptions()) logs.addOption(option);
  withDaemonFlags(logs).action((flags: LogsFlags) => {
    const { follow = false, worker, level, logFormat = "auto" } = flags;
    const { lines = DEFAULT_LOG_LINES } = flags;
    const query = { follows: follow, worker, level, lines };
    const input = { target: daemonTarget(flags), query, format: logFormat };
    accept("logs", input, showLogs);
  });
  logs.addCommand(reopenCommand(accept));
  return logs;
}

/** The flags that choose lines and their form. */
function lineOptions(): Option[] {
  const worker = new Option(
    "--worker <SLOT>",
    "Only those of the worker in this slot; 0: of the master",
  ).argParser(integerValue("--worker", { min: 0, max: MAX_WORKERS }));
  const level = new Option("--level <LEVEL>", "Those from this level on");
  const lines = new Option(
    "--lines <N>",
    `Recent ones, at most ${MAX_LOG_LINES} [${DEFAULT_LOG_LINES}]`,
  ).argParser(integerValue("--lines", { min: 0, max: MAX_LOG_LINES }));
  const format = new Option(
    "--log-format <FORMAT>",
    "Their form; auto: pretty on a terminal, else json",
  );
  const all = [
    ...[worker, level.choices(Object.keys(LEVELS)), lines],
    format.choices(["auto", "json", "pretty"]),
  ];
  return all.map((option) => option.helpGroup("Which lines:"));
}

function reopenCommand(accept: Accept): CliCommand {
  const reopen = new CliCommand("reopen")
    .about(
      "Open log files again, after they were moved away",
      "As USR1 does, for log rotation.",
    )
    .calledElsewhere("reopen", "reloadlogs", "flush", "rotate");
  return withDaemonFlags(reopen).action((flags: DaemonFlags) => {
    accept("logs reopen", { target: daemonTarget(flags) }, runReopen);
  });
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
