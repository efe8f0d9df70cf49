import {
  integerFlag,
  parseCheckArguments,
  wordFlag,
} from "../support/check-arguments.ts";
import { CHOICES } from "./choice.ts";
import type { ChaosOptions } from "./run-chaos.ts";

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  seconds: { type: "string", default: "60" },
  seed: { type: "string" },
  scheduling: { type: "string", default: "balanced" },
  workers: { type: "string", default: "2" },
  log: { type: "string" },
} as const;

const SCHEDULINGS: readonly string[] = ["balanced", "shared"];

/** @returns undefined for help. @throws CheckUsageError */
export function parseOptions(
  args: readonly string[],
): Omit<ChaosOptions, "folder" | "say"> | undefined {
  const { values } = parseCheckArguments(args, FLAGS);
  if (values.help) return undefined;
  const { scheduling, seed = String(Date.now() % 1_000_000) } = values;
  return {
    seconds: integerFlag("seconds", values.seconds, [1, 86_400]),
    seed: integerFlag("seed", seed, [0, 2 ** 32]),
    scheduling: wordFlag("scheduling", scheduling, SCHEDULINGS),
    workers: integerFlag("workers", values.workers, [1, 64]),
    logPath: values.log,
  };
}

export function helpText(): string {
  const names = CHOICES.map(({ operation }) => `  ${operation.name}`);
  return `npm run chaos -- [options]

Starts a daemon, loads it with clients that never repeat a request, and runs
these operations in random order, up to three at a time:
${names.join("\n")}

It passes if a killed process explains every failed request, or a flood whose
unserved connections are counted; if counters are right and never fall; and if
in the end the right number of workers is ready, and no other process and no
descriptor is left.

Options:
  --seconds N       duration (${FLAGS.seconds.default}); the final checks take a little longer
  --seed N          repeats the operations of a run (default: random)
  --scheduling S    ${SCHEDULINGS.join(" or ")} (${FLAGS.scheduling.default})
  --workers N       worker processes (${FLAGS.workers.default})
  --log FILE        writes the daemon's log to a file
  -h, --help        this text
`;
}
