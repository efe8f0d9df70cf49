import { parseArgs } from "node:util";

export interface LbOptions {
  /** Shorter times everywhere, and both balancers at once. */
  readonly isShort: boolean;
  /** How often the whole fleet is upgraded in each way. */
  readonly times: number;
  readonly maxPauseMs: number;
  readonly balancers: readonly BalancerName[];
  readonly parts: readonly Part[];
}

export type BalancerName = (typeof BALANCERS)[number];
export type Part = (typeof PARTS)[number];

const BALANCERS = ["haproxy", "nginx"] as const;
const PARTS = ["rolling", "kill"] as const;

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  short: { type: "boolean", default: false },
  times: { type: "string" },
  "max-pause-ms": { type: "string", default: "100" },
  balancer: { type: "string" },
  part: { type: "string" },
} as const;

/** A command line that cannot be meant so. */
export class LbUsageError extends Error {}

/** @returns undefined where help is wanted. @throws LbUsageError */
export function parseOptions(args: readonly string[]): LbOptions | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const { short: isShort, times = isShort ? "1" : "3" } = values;
  return {
    isShort,
    times: wholeNumber("times", times),
    maxPauseMs: wholeNumber("max-pause-ms", values["max-pause-ms"]),
    balancers: chosen("balancer", values.balancer, BALANCERS),
    parts: chosen("part", values.part, PARTS),
  };
}

export const HELP = `npm run test:lb -- [options]

Two instances of two workers each, behind a real HAProxy and a real nginx as
deploy/ has them, but that they try nothing twice. Under the load of clients
that never repeat a request, the whole fleet is upgraded in each way; and one
instance is killed, beside node:cluster with Fastify.

Options:
  --short             shorter times than in deploy/, both balancers at once
  --times N           upgrades of the fleet in each way (3, short: 1)
  --max-pause-ms N    clients pause for up to so long before each request (100)
  --balancer NAME     only behind ${BALANCERS.join(" or ")}
  --part NAME         only ${PARTS.join(" or ")}
  -h, --help          this text
`;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (error) {
    throw new LbUsageError((error as Error).message);
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (text !== "" && Number.isInteger(value) && value >= 0) return value;
  throw new LbUsageError(`--${name} must be a whole number, not "${text}"`);
}

/** All, where none is named. */
function chosen<Name extends string>(
  option: string,
  text: string | undefined,
  names: readonly Name[],
): readonly Name[] {
  if (text === undefined) return names;
  const found = names.filter((name) => name === text);
  if (found.length > 0) return found;
  const valid = names.join(" or ");
  throw new LbUsageError(`--${option} must be ${valid}, not "${text}"`);
}
