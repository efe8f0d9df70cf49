import { parseArgs } from "node:util";

export interface FuzzOptions {
  readonly seconds: number;
  /** Of all random numbers. */
  readonly seed: number;
  /** Names of the properties to try. */
  readonly only: readonly string[];
}

/** A command line that cannot be meant so. */
export class FuzzUsageError extends Error {}

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  seconds: { type: "string", default: "60" },
  seed: { type: "string" },
  only: { type: "string" },
} as const;

const MAX_SECONDS = 86_400;
const MAX_SEED = 2 ** 31 - 1;

/**
 * @param names of all properties
 * @returns undefined where help is wanted
 * @throws FuzzUsageError
 */
export function parseFuzzOptions(
  args: readonly string[],
  names: readonly string[],
): FuzzOptions | undefined {
  const values = valuesOf(args);
  if (values.help) return undefined;
  const seed = values.seed ?? String(Math.floor(Math.random() * MAX_SEED));
  return {
    seconds: whole("seconds", values.seconds, { min: 1, max: MAX_SECONDS }),
    seed: whole("seed", seed, { min: 0, max: MAX_SEED }),
    only: values.only?.split(",").map((name) => known(names, name)) ?? names,
  };
}

export function fuzzHelp(names: readonly string[]): string {
  return `npm run fuzz -- [options]

Tries properties of the protocol with random input. What fails is made small
and kept in test/fixtures/fuzz, where \`npm test\` tries it again.

  --seconds N   for so long (${FLAGS.seconds.default})
  --seed N      of the random numbers (a new one)
  --only A,B    ${names.join(", ")}
  -h, --help    this text

Exit code: 0 nothing failed, 1 something did, 2 the command line is wrong.
`;
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (error) {
    const flags = Object.keys(FLAGS).map((name) => `--${name}`);
    const [message = ""] = (error as Error).message.split(". ");
    throw new FuzzUsageError(`${message}; it takes ${flags.join(", ")}`);
  }
}

function whole(
  name: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new FuzzUsageError(
    `--${name} is a whole number from ${min} to ${max}, not "${text}"`,
  );
}

function known(names: readonly string[], name: string): string {
  if (names.includes(name)) return name;
  throw new FuzzUsageError(`--only "${name}" is none of ${names.join(", ")}`);
}
