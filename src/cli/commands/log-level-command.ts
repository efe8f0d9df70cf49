import type { ControlOutcome } from "../../shared/control/control-answer.ts";
import {
  DEFAULT_LEVEL_MS,
  MAX_LEVEL_MS,
  MIN_LEVEL_MS,
  RESET_LEVEL,
} from "../../shared/control/log-level-limits.ts";
import { LOG_LEVELS } from "../../shared/logging/line-facts.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  type DaemonInput,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import {
  durationValue,
  shortDuration,
} from "../command-line/duration-value.ts";
import type { Accept } from "../command-line/invocation.ts";
import { controlDaemon } from "../daemon/control-daemon.ts";
import { UsageError } from "../usage-error.ts";

interface LevelInput extends DaemonInput {
  readonly level: string;
  readonly forMs: number;
}

const CHOICES = [...LOG_LEVELS, RESET_LEVEL];

/** `remuda log-level LEVEL` */
export function logLevelCommand(accept: Accept): CliCommand {
  const command = new CliCommand("log-level")
    .about(
      "Change the level of the log for a time",
      `The master, all workers and new ones get it. ${RESET_LEVEL} ends it.`,
    )
    .calledElsewhere("loglevel", "verbose", "verbosity")
    .argument("<LEVEL>", `a level: ${CHOICES.join(", ")}`, levelValue)
    .option(
      "--for <TIME>",
      `Time until the level is that of the settings again, such as 90s or ` +
        `2h [${shortDuration(DEFAULT_LEVEL_MS)}]`,
      durationValue("--for", { minMs: MIN_LEVEL_MS, maxMs: MAX_LEVEL_MS }),
    );
  return withDaemonFlags(command).action(
    (level: string, flags: DaemonFlags & { for?: number }) => {
      const { for: forMs = DEFAULT_LEVEL_MS } = flags;
      accept("log-level", { target: daemonTarget(flags), level, forMs }, run);
    },
  );
}

function levelValue(text: string): string {
  if (CHOICES.includes(text)) return text;
  throw new UsageError(
    `the level is "${text}"; it must be one of ${CHOICES.join(", ")}`,
  );
}

function run({ target, level, forMs }: LevelInput): Promise<number> {
  const done = (outcome: ControlOutcome) => {
    const { level: inForce, configured } = outcome;
    if (level === RESET_LEVEL) return `the log level is ${inForce} again`;
    const time = shortDuration(forMs);
    return `the log level is ${inForce} for ${time}, then ${configured}`;
  };
  return controlDaemon(target, {
    name: "log-level",
    path: `log-level?level=${level}&forMs=${forMs}`,
    wait: "no",
    begun: done,
    done,
  });
}
