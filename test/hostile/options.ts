import { parseArgs } from "node:util";
import type { HostileKind } from "./kind.ts";
import { KINDS } from "./kinds/all.ts";

export interface HostileOptions {
  readonly kinds: readonly HostileKind[];
  readonly seconds: number;
  readonly scale: number;
  readonly jsonPath: string | undefined;
  /** To measure what a connection takes, instead of attacks. */
  readonly isMemory: boolean;
}

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  seconds: { type: "string", default: "60" },
  only: { type: "string" },
  scale: { type: "string", default: "1" },
  json: { type: "string" },
  memory: { type: "boolean", default: false },
} as const;

/** A command line that cannot be meant so. */
export class HostileUsageError extends Error {}

/** @returns undefined where help is wanted. @throws HostileUsageError */
export function parseOptions(
  args: readonly string[],
): HostileOptions | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const names = values.only?.split(",");
  return {
    kinds: names ? names.map(kind) : KINDS,
    seconds: within("seconds", values.seconds, [2, 3_600]),
    scale: within("scale", values.scale, [0.01, 1]),
    jsonPath: values.json,
    isMemory: values.memory,
  };
}

export function helpText(): string {
  const kinds = KINDS.map(({ name, summary }) => `  ${name}: ${summary}`);
  return `npm run hostile -- [options]

Shows that hostile clients do not hurt well-behaved ones: measures those alone,
then beside each kind of hostile client.

Kinds:
${kinds.join("\n")}

Options:
  --seconds N     time of each attack (${FLAGS.seconds.default}); half of it alone before
  --only A,B      these kinds only
  --scale X       from 0.01 to 1: a part of the connections and rates
  --json FILE     write all figures to a file
  --memory        measure what a connection takes instead
  -h, --help      this text
`;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (error) {
    throw new HostileUsageError((error as Error).message);
  }
}

function kind(name: string): HostileKind {
  const known = KINDS.find((one) => one.name === name);
  if (known) return known;
  const names = KINDS.map((one) => one.name).join(", ");
  throw new HostileUsageError(`--only "${name}" is none of ${names}`);
}

function within(
  name: string,
  text: string,
  [min, max]: readonly [number, number],
): number {
  const value = Number(text);
  if (text !== "" && value >= min && value <= max) return value;
  const valid = `a number from ${min} to ${max}`;
  throw new HostileUsageError(`--${name} must be ${valid}, not "${text}"`);
}
