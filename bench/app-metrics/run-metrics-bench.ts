import { count } from "../count.ts";
import { machineText, thisMachine } from "../machine.ts";
import { parsedArguments } from "../parsed-arguments.ts";
import { spreadOf } from "../statistics.ts";
import { table } from "../table.ts";
import { type MetricCall, metricCalls } from "./metric-calls.ts";
import { pushCost } from "./push-costs.ts";

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  rounds: { type: "string", default: "7" },
} as const;

const CALLS = 1_000_000;
const SERIES = 10_000;
const PUSHES = 20;

/** `npm run bench -- metrics`. @throws BenchUsageError */
export async function runMetricsBench(args: readonly string[]): Promise<void> {
  const { values } = parsedArguments(args, FLAGS);
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const rounds = count("rounds", values.rounds);
  const calls = metricCalls().map((call) => callRow(call, rounds));
  const pushes = [];
  for (const changed of [0, SERIES / 100, SERIES]) {
    pushes.push(pushRow(await pushCost(SERIES, changed, PUSHES)));
  }
  const heads = ["a call", "prom-client", "own", "ratio"];
  const parts = [
    ...["series that changed", "bytes", "prom-client reads", "worker"],
    ...["master", "scrape"],
  ];
  process.stdout.write(
    [
      `metrics: median of ${rounds} rounds; ${SERIES} series`,
      machineText(thisMachine()),
      "",
      table([heads, ...calls]),
      "",
      table([parts, ...pushes]),
      "",
    ].join("\n"),
  );
}

const HELP = `npm run bench -- metrics [--rounds N]

What metrics of an app cost: a call beside prom-client's, and a push of
${SERIES} series from a worker to the master.
`;

/** In turns, so that both meet the same machine. */
function callRow(call: MetricCall, rounds: number): string[] {
  const own: number[] = [];
  const peer: number[] = [];
  nanosecondsOf(call.own);
  nanosecondsOf(call.peer);
  for (let round = 0; round < rounds; round++) {
    own.push(nanosecondsOf(call.own));
    peer.push(nanosecondsOf(call.peer));
  }
  const [ownNs, peerNs] = [spreadOf(own).median, spreadOf(peer).median];
  const ratio = (ownNs / peerNs).toFixed(2);
  return [
    call.name,
    `${peerNs.toFixed(1)} ns`,
    `${ownNs.toFixed(1)} ns`,
    ratio,
  ];
}

function nanosecondsOf(call: (turn: number) => void): number {
  const begin = process.hrtime.bigint();
  for (let turn = 0; turn < CALLS; turn++) call(turn);
  return Number(process.hrtime.bigint() - begin) / CALLS;
}

function pushRow(cost: Awaited<ReturnType<typeof pushCost>>): string[] {
  const { changed, bytes, readMs, workerMs, masterMs, scrapeMs } = cost;
  const times = [readMs, workerMs, masterMs, scrapeMs];
  return [
    ...[String(changed), String(Math.round(bytes))],
    ...times.map((ms) => `${ms.toFixed(2)} ms`),
  ];
}
