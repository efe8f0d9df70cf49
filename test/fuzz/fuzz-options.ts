import {
  integerFlag,
  namedItem,
  parseCheckArguments,
} from "../support/check-arguments.ts";

export interface FuzzOptions {
  readonly seconds: number;
  /** Seed of the random numbers. */
  readonly seed: number;
  /** Names of the properties to try. */
  readonly only: readonly string[];
}

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
 * @returns undefined for help
 * @throws CheckUsageError
 */
export function parseFuzzOptions(
  args: readonly string[],
  names: readonly string[],
): FuzzOptions | undefined {
  const { values } = parseCheckArguments(args, FLAGS);
  const all = names.map((name) => ({ name }));
  if (values.help) return undefined;
  const seed = values.seed ?? String(Math.floor(Math.random() * MAX_SEED));
  return {
    seconds: integerFlag("seconds", values.seconds, [1, MAX_SECONDS]),
    seed: integerFlag("seed", seed, [0, MAX_SEED]),
    only:
      values.only
        ?.split(",")
        .map((name) => namedItem("--only", name, all).name) ?? names,
  };
}

export function fuzzHelp(names: readonly string[]): string {
  return `npm run fuzz -- [options]

Tests properties of the protocol with random input. A failing input is made
small and saved in test/fixtures/fuzz, which \`npm test\` replays.

  --seconds N   duration (${FLAGS.seconds.default})
  --seed N      seed of the random numbers (default: random)
  --only A,B    ${names.join(", ")}
  -h, --help    this text

Exit code: 0 nothing failed, 1 a failure, 2 an invalid command line.
`;
}
