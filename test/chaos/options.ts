import { parseArgs } from "node:util";
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

/** A command line that cannot be meant so. */
export class ChaosUsageError extends Error {}

/** @returns undefined where help is wanted. @throws ChaosUsageError */
export function parseOptions(
  args: readonly string[],
): Omit<ChaosOptions, "folder" | "say"> | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const { scheduling, seed = String(Date.now() % 1_000_000) } = values;
  if (!SCHEDULINGS.includes(scheduling)) {
    const valid = SCHEDULINGS.join(" or ");
    throw new ChaosUsageError(`--scheduling must be ${valid}`);
  }
  return {
    seconds: within("seconds", values.seconds, [1, 86_400]),
    seed: within("seed", seed, [0, 2 ** 32]),
    scheduling,
    workers: within("workers", values.workers, [1, 64]),
    logPath: values.log,
  };
}

export function helpText(): string {
  const names = CHOICES.map(({ operation }) => `  ${operation.name}`);
  return `npm run chaos -- [options]

Starts a daemon, loads it with clients that never repeat a request, and does
to it in random order, up to three at a time:
${names.join("\n")}

It has stood it if all failed requests had been begun by a process that was
killed, or were closed unserved in a flood and are counted as such, counters
never fell and are right, and in the end the right number of workers is ready
with no other process and no descriptor left over.

Options:
  --seconds N       how long (${FLAGS.seconds.default}); a little more to look at what is left
  --seed N          the same operations in the same order (by chance)
  --scheduling S    ${SCHEDULINGS.join(" or ")} (${FLAGS.scheduling.default})
  --workers N       worker processes (${FLAGS.workers.default})
  --log FILE        the daemon's log, to look for reasons
  -h, --help        this text
`;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (error) {
    throw new ChaosUsageError((error as Error).message);
  }
}

function within(
  name: string,
  text: string,
  [min, max]: readonly [number, number],
): number {
  const value = Number(text);
  const isValid = Number.isInteger(value) && value >= min && value <= max;
  if (text !== "" && isValid) return value;
  const valid = `a whole number from ${min} to ${max}`;
  throw new ChaosUsageError(`--${name} must be ${valid}, not "${text}"`);
}
