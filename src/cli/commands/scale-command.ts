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

interface ScaleInput extends DaemonInput {
  readonly workers: number;
}

const OPERAND = "the number of workers";

/** `remuda scale N` */
export function scaleCommand(accept: Accept): CliCommand {
  const range = { min: 1, max: MAX_WORKERS };
  const command = new CliCommand("scale")
    .about(
      "Change the number of workers, until the next reload",
      `N is 1 to ${MAX_WORKERS}; minReady is the least that stays.`,
    )
    .argument("<N>", OPERAND, integerValue(OPERAND, range));
  return withDaemonFlags(command).action(
    (workers: number, flags: DaemonFlags) => {
      accept("scale", { target: daemonTarget(flags), workers }, run);
    },
  );
}

function run({ target, workers }: ScaleInput): Promise<number> {
  const scaling = (granted = workers) => [
    ...(granted > workers
      ? [`${workers} would be fewer than minReady asks for`]
      : []),
    `scaling to ${granted} workers`,
  ];
  return controlDaemon(target, {
    name: "scale",
    path: `scale?workers=${workers}`,
    wait: "no",
    begun: (outcome) => scaling(outcome.workers).join("\n"),
    done: (outcome) => scaling(outcome.workers).join("\n"),
  });
}
