import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import { integerValue } from "../command-line/integer-value.ts";
import type { Accept } from "../command-line/invocation.ts";
import { showTop } from "../display/show-top.ts";

interface TopFlags extends DaemonFlags {
  readonly intervalMs?: number;
  readonly count?: number;
}

const DEFAULT_INTERVAL_MS = 1_000;
const INTERVAL_RANGE = { min: 100, max: 3_600_000 };

/** `remuda top` */
export function topCommand(accept: Accept): CliCommand {
  const command = new CliCommand("top")
    .about("Show the status again every second; q quits")
    .calledElsewhere("monit", "monitor", "dash")
    .option(
      "--interval-ms <MS>",
      `Time between two readings, 100 or more [${DEFAULT_INTERVAL_MS}]`,
      integerValue("--interval-ms", INTERVAL_RANGE),
    )
    .option(
      "--count <N>",
      "Number of readings; 1 if the output is not a terminal",
      integerValue("--count", { min: 1 }),
    );
  return withDaemonFlags(command).action((flags: TopFlags) => {
    const { intervalMs = DEFAULT_INTERVAL_MS, count } = flags;
    accept("top", { target: daemonTarget(flags), intervalMs, count }, showTop);
  });
}
