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
  /** At least. */
  readonly times: number;
  /** Again and again for at least so long. Default 0. */
  readonly seconds?: number;
  readonly seed: number;
  /** Of each of the client's connections, before each request. */
  readonly maxPauseMs: number;
}

export interface Proof {
  readonly report: ClientReport;
  /** How often the operation was done. */
  readonly done: number;
  /** Operations that did not do what they should. */
  readonly failedOperations: readonly string[];
  /** Counters that fell, and scrapes that failed. */
  readonly faults: readonly string[];
  /** By how much the server's count of answers grew. */
  readonly counted: number;
  readonly seconds: number;
}

const COUNT = "http_server_request_duration_seconds_count";
const SCRAPE_PAUSE_MS = 100;

/** Does an operation again and again under load. */
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
  // The last counts come with the last heartbeats.
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

/** What the count is once it is what it should be, or does not get there. */
async function lastCount(subject: Subject, expected: number): Promise<number> {
  const count = () => subject.daemon.metricSum(COUNT);
  const what = `the server to count ${expected} answers`;
  await waitUntil(async () => (await count()) === expected, { what }).catch(
    () => {},
  );
  return count();
}
