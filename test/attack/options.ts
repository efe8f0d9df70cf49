import { parseArgs } from "node:util";
import type { Attack } from "./attack.ts";
import { ATTACKS } from "./attacks/all.ts";

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
const MAX_SECONDS = 86_400;

/** A command line that cannot be meant so. */
export class AttackUsageError extends Error {}

/** @returns undefined where help is wanted. @throws AttackUsageError */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  return {
    attacks: attacksNamed(positionals),
    schedulings: schedulingsOf(values.scheduling),
    seconds: secondsOf(values.seconds),
  };
}

export function helpText(): string {
  const attacks = ATTACKS.map(({ name, summary }) => `  ${name}\n${summary}`);
  return `npm run attack -- [options] [attack ...]

Attacks a daemon of two workers for some time, each attack its own daemon and
all at once, while well-behaved clients use it:
${attacks.join("\n").replaceAll(/^(?! )/gm, "      ")}

After each strike the daemon must be as it was: all workers ready, and new
connections answered. In the end it has no more descriptors than before.

Options:
  --seconds N       how long (${FLAGS.seconds.default})
  --scheduling S    balanced, shared or both (${FLAGS.scheduling.default})
  -h, --help        this text
`;
}

function parsed(args: readonly string[]) {
  try {
    const options = FLAGS;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new AttackUsageError((error as Error).message);
  }
}

function attacksNamed(names: readonly string[]): readonly Attack[] {
  if (names.length === 0) return ATTACKS;
  return names.map((name) => {
    const attack = ATTACKS.find((each) => each.name === name);
    if (attack) return attack;
    const valid = ATTACKS.map((each) => each.name).join(", ");
    throw new AttackUsageError(`no attack "${name}"; there are ${valid}`);
  });
}

function schedulingsOf(text: string): readonly string[] {
  if (text === "both") return SCHEDULINGS;
  if (SCHEDULINGS.includes(text)) return [text];
  const valid = [...SCHEDULINGS, "both"].join(", ");
  throw new AttackUsageError(`--scheduling must be one of ${valid}`);
}

function secondsOf(text: string): number {
  const value = Number(text);
  const isValid = Number.isInteger(value) && value >= 1 && value <= MAX_SECONDS;
  if (text !== "" && isValid) return value;
  const valid = `a whole number from 1 to ${MAX_SECONDS}`;
  throw new AttackUsageError(`--seconds must be ${valid}, not "${text}"`);
}
