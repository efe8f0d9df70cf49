import type { Operation } from "../operations/operation.ts";
import { roll } from "../operations/roll.ts";
import type { Subject } from "../operations/subject.ts";
import type { ClientReport } from "../support/client-report.ts";
import { CounterWatch } from "../support/counter-watch.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { waitUntil } from "../support/wait-until.ts";

export interface ProofOptions {
  readonly operation: Operation;
  /** Minimum number of repetitions. */
  readonly times: number;
  /** Minimum duration. Default: 0. */
  readonly seconds?: number;
  readonly seed: number;
  /** Longest pause of a client connection before a request. */
  readonly maxPauseMs: number;
}

export interface Proof {
  readonly report: ClientReport;
  /** Number of repetitions. */
  readonly done: number;
  /** Reasons of failed operations. */
  readonly failedOperations: readonly string[];
  /** Counters that fell, and scrapes that failed. */
  readonly faults: readonly string[];
  /** Growth of the server's count of answers. */
  readonly counted: number;
  readonly seconds: number;
}

const COUNT = "http_server_request_duration_seconds_count";
const SCRAPE_PAUSE_MS = 100;

/** Repeats an operation under load. */
export async function prove(
  subject: Subject,
  { operation, times, seconds = 0, seed, maxPauseMs }: ProofOptions,
): Promise<Proof> {
  const { daemon } = subject;
  const random = seededRandom(seed);
  const countedBefore = await daemon.metricSum(COUNT);
  const startedMs = performance.now();
  const watch = new CounterWatch({
    scrape: () => daemon.metrics(),
    pauseMs: SCRAPE_PAUSE_MS,
  });
  const client = startStrictLoad(daemon, { maxPauseMs, seed });
  const failedOperations: string[] = [];
  let done = 0;
  const { settings = {} } = operation;
  const before = subject.uncountedByClient;
  try {
    if (operation.settings) await reconfigure(subject, settings, random);
    const isOver = () => done >= times && secondsSince(startedMs) >= seconds;
    while (!isOver()) {
      const ending = await operation.run(subject, random);
      done++;
      if (ending.type === "failed") failedOperations.push(ending.why);
    }
    const off = Object.keys(settings).map((name) => [name, 0]);
    if (operation.settings) {
      await reconfigure(subject, Object.fromEntries(off), random);
    }
  } finally {
    await client.stop();
    await watch.stop();
  }
  const { report } = client;
  // Heartbeats deliver the last counts.
  const others = subject.uncountedByClient - before;
  const expected = countedBefore + others + report.answered;
  const counted = await lastCount(subject, expected);
  return {
    report,
    failedOperations,
    faults: watch.faults.map(({ what }) => what),
    counted: counted - countedBefore - others,
    done,
    seconds: secondsSince(startedMs),
  };
}

function secondsSince(ms: number): number {
  return (performance.now() - ms) / 1_000;
}

async function reconfigure(
  subject: Subject,
  settings: Readonly<Record<string, number>>,
  random: () => number,
): Promise<void> {
  subject.configure(settings);
  const ending = await roll.run(subject, random);
  if (ending.type === "failed") throw new Error(ending.why);
}

/** Waits for the expected count, and returns the final one. */
async function lastCount(subject: Subject, expected: number): Promise<number> {
  const count = () => subject.daemon.metricSum(COUNT);
  const what = `the server to count ${expected} answers`;
  await waitUntil(async () => (await count()) === expected, { what }).catch(
    () => {},
  );
  return count();
}
