import {
  integerFlag,
  parseCheckArguments,
  wordFlag,
} from "../support/check-arguments.ts";

export interface LbOptions {
  /** Whether to use shorter times, and both balancers at once. */
  readonly isShort: boolean;
  /** Number of upgrades of the whole fleet, for each way. */
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

/** @returns undefined for help. @throws CheckUsageError */
export function parseOptions(args: readonly string[]): LbOptions | undefined {
  const { values } = parseCheckArguments(args, FLAGS);
  if (values.help) return undefined;
  const { short: isShort, times = isShort ? "1" : "3" } = values;
  return {
    isShort,
    times: integerFlag("times", times, [0, 1e6]),
    maxPauseMs: integerFlag("max-pause-ms", values["max-pause-ms"], [0, 1e6]),
    balancers: chosen("balancer", values.balancer, BALANCERS),
    parts: chosen("part", values.part, PARTS),
  };
}

export const HELP = `npm run test:lb -- [options]

Runs two instances of two workers each, behind a real HAProxy and a real nginx
with the configuration of deploy/, but without retries. Under the load of
clients that never repeat a request, upgrades the whole fleet in each way, and
kills an instance, compared with node:cluster and Fastify.

Options:
  --short             shorter times than in deploy/, both balancers at once
  --times N           upgrades of the fleet in each way (3, short: 1)
  --max-pause-ms N    longest pause of a client before a request (100)
  --balancer NAME     only behind ${BALANCERS.join(" or ")}
  --part NAME         only ${PARTS.join(" or ")}
  -h, --help          this text
`;

/** All names, unless one is given. */
function chosen<Name extends string>(
  flag: string,
  text: string | undefined,
  names: readonly Name[],
): readonly Name[] {
  return text === undefined ? names : [wordFlag(flag, text, names)];
}
