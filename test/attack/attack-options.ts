import {
  integerFlag,
  namedItem,
  parseCheckArguments,
  wordFlag,
} from "../support/check-arguments.ts";
import type { Attack } from "./attack.ts";
import { ATTACKS } from "./attacks/all-attacks.ts";

export interface Options {
  readonly attacks: readonly Attack[];
  readonly schedulings: readonly string[];
  readonly seconds: number;
}

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  seconds: { type: "string", default: "60" },
  scheduling: { type: "string", default: "both" },
} as const;

const SCHEDULINGS = ["balanced", "shared"];

/** @returns undefined for help. @throws CheckUsageError */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseCheckArguments(args, FLAGS, {
    allowPositionals: true,
  });
  if (values.help) return undefined;
  return {
    attacks: attacksNamed(positionals),
    schedulings: schedulingsOf(values.scheduling),
    seconds: integerFlag("seconds", values.seconds, [1, 86_400]),
  };
}

export function helpText(): string {
  const attacks = ATTACKS.map(({ name, summary }) => `  ${name}\n${summary}`);
  return `npm run attack -- [options] [attack ...]

Attacks a daemon of two workers for some time, each attack its own daemon and
all at once, while well-behaved clients use it:
${attacks.join("\n").replaceAll(/^(?! )/gm, "      ")}

After each attack all workers must be ready and new connections answered. In
the end the daemon must have no more descriptors than before.

Options:
  --seconds N       duration (${FLAGS.seconds.default})
  --scheduling S    balanced, shared or both (${FLAGS.scheduling.default})
  -h, --help        this text
`;
}

function attacksNamed(names: readonly string[]): readonly Attack[] {
  if (names.length === 0) return ATTACKS;
  return names.map((name) => namedItem("attack", name, ATTACKS));
}

function schedulingsOf(text: string): readonly string[] {
  const word = wordFlag("scheduling", text, [...SCHEDULINGS, "both"]);
  return word === "both" ? SCHEDULINGS : [word];
}
