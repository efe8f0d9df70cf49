import {
  namedItem,
  numberFlag,
  parseCheckArguments,
} from "../support/check-arguments.ts";
import type { HostileKind } from "./kind.ts";
import { KINDS } from "./kinds/hostile-kinds.ts";

export interface HostileOptions {
  readonly kinds: readonly HostileKind[];
  readonly seconds: number;
  readonly scale: number;
  readonly jsonPath: string | undefined;
  /** Whether to measure the memory of connections instead of attacks. */
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

/** @returns undefined for help. @throws CheckUsageError */
export function parseOptions(
  args: readonly string[],
): HostileOptions | undefined {
  const { values } = parseCheckArguments(args, FLAGS);
  if (values.help) return undefined;
  const names = values.only?.split(",");
  return {
    kinds: names
      ? names.map((name) => namedItem("--only", name, KINDS))
      : KINDS,
    seconds: numberFlag("seconds", values.seconds, [2, 3_600]),
    scale: numberFlag("scale", values.scale, [0.01, 1]),
    jsonPath: values.json,
    isMemory: values.memory,
  };
}

export function helpText(): string {
  const kinds = KINDS.map(({ name, summary }) => `  ${name}: ${summary}`);
  return `npm run hostile -- [options]

Measures well-behaved clients alone, then beside each kind of hostile client,
to show that they are not affected.

Kinds:
${kinds.join("\n")}

Options:
  --seconds N     time per attack (${FLAGS.seconds.default}), after half of it without
  --only A,B      only these kinds
  --scale X       fraction of connections and rates, 0.01 to 1
  --json FILE     write all figures to a file
  --memory        measure memory per connection instead
  -h, --help      this text
`;
}
