import { count } from "../count.ts";
import { parsedArguments } from "../parsed-arguments.ts";
import { BenchUsageError } from "../usage-error.ts";
import { BENCH_HEADS } from "./bench-heads.ts";
import type { ParserEffort } from "./measure-round.ts";

export interface ParserOptions extends ParserEffort {
  readonly rounds: number;
  readonly builds: boolean;
  readonly jsonPath: string | undefined;
}

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  rounds: { type: "string", default: "9" },
  millis: { type: "string", default: "200" },
  warmup: { type: "string", default: "200" },
  "no-build": { type: "boolean", default: false },
  json: { type: "string" },
} as const;

/** @returns undefined where help is wanted. @throws BenchUsageError */
export function parseParserOptions(
  args: readonly string[],
): ParserOptions | undefined {
  const { values, positionals } = parsedArguments(args, FLAGS);
  if (values.help) return undefined;
  const [word] = positionals;
  if (word !== undefined) {
    throw new BenchUsageError(`"parser" takes options only, not "${word}"`);
  }
  return {
    rounds: count("rounds", values.rounds),
    millis: count("millis", values.millis),
    warmupMs: count("warmup", values.warmup),
    builds: !values["no-build"],
    jsonPath: values.json,
  };
}

export function parserHelpText(): string {
  const heads = BENCH_HEADS.map(({ name, summary }) => {
    return `  ${name.padEnd(16)}${summary}`;
  });
  return `npm run bench -- parser [options]

Parses request heads, with Remuda's parser and with that of node:http, which
take turns. Nothing is sent.

Heads:
${heads.join("\n")}

Options:
  --rounds N      rounds, each in a fresh process (${FLAGS.rounds.default})
  --millis N      time of a measurement (${FLAGS.millis.default})
  --warmup N      milliseconds of parsing before it (${FLAGS.warmup.default})
  --no-build      measure the dist/ that is there, however old
  --json FILE     write all figures to a file
  -h, --help      this text
`;
}
