/**
 * Runs random operations on a daemon under load, several at a time, and then
 * checks its state.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Ending } from "../operations/operation.ts";
import { roll } from "../operations/roll.ts";
import { Subject } from "../operations/subject.ts";
import { type Findings, WatchedLoad } from "../operations/watched-load.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { waitUntil } from "../support/wait-until.ts";
import { chosen } from "./choice.ts";
import {
  type Descriptors,
  hasNoMore,
  leastDescriptors,
} from "./descriptors.ts";

export interface ChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly scheduling: string;
  readonly workers: number;
  /** An empty folder, for the app and its settings. */
  readonly folder: string;
  /** Path to write the daemon's log to at the end. */
  readonly logPath?: string | undefined;
  /** Called with a line for each operation. */
  readonly say: (line: string) => void;
}

export interface ChaosOutcome {
  readonly tally: OperationCounts;
  readonly findings: Findings;
  readonly seconds: number;
  /** Empty if the daemon passed. */
  readonly problems: readonly string[];
}

/** Short times, so that much happens in a short run. */
const SETTINGS = {
  heartbeatTimeoutMs: 3_000,
  startTimeoutMs: 10_000,
  maxRequestsPerWorker: 2_000,
  maxWorkerAgeMs: 15_000,
  // The answer to surplus connections would lack the worker's name, so the
  // client could not count it by worker.
  maxConnections: 0,
  // At the default level frequent failures are logged less often, but each
  // death must be explained.
  logLevel: "debug",
};
/** Low enough for floods of connections to reach it. */
const DESCRIPTOR_LIMIT = 512;
const MAX_AT_ONCE = 3;
const MAX_GAP_MS = 700;
/** Longer than a worker is frozen or waits for a restart. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Time in which a worker has started its threads. */
const STARTED_MS = 1_000;

/** The master keeps figures of exited processes for some seconds. */
const GIVE_BACK_MS = 15_000;

export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const { folder, scheduling, workers, logPath } = options;
  const subject = await Subject.start({
    folder,
    scheduling,
    workers,
    settings: SETTINGS,
    descriptorLimit: DESCRIPTOR_LIMIT,
  });
  try {
    return await runOperationsUnderLoad(subject, options);
  } finally {
    const lines = subject.daemon.logs.map((line) => JSON.stringify(line));
    if (logPath !== undefined) writeFileSync(logPath, `${lines.join("\n")}\n`);
  }
}

async function runOperationsUnderLoad(
  subject: Subject,
  options: ChaosOptions,
): Promise<ChaosOutcome> {
  const { seed } = options;
  const random = seededRandom(seed);
  // Descriptors that a daemon opens once must be open before the comparison.
  await roll.run(subject, random);
  const before = await lastingDescriptors(subject);
  const startedMs = performance.now();
  const load = new WatchedLoad(subject, {
    seed,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const tally = await runOperations(subject, options, random);
  // Clears the backoff of slots whose workers died early.
  const last = await roll.run(subject, random);
  const findings = await load.stop();
  const seconds = (performance.now() - startedMs) / 1_000;
  const problems = [
    ...(last.type === "failed" ? [`the last roll failed: ${last.why}`] : []),
    ...findings.faults,
    ...findings.failures.unexplained.map((one) => JSON.stringify(one)),
    ...(await problemsAfter(subject, before)),
  ];
  await subject.daemon.stop();
  return { tally, findings, seconds, problems };
}

async function runOperations(
  subject: Subject,
  { seconds, say }: ChaosOptions,
  random: () => number,
): Promise<OperationCounts> {
  const tally = new OperationCounts();
  const running = new Set<Promise<void>>();
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs) {
    const operation = chosen(random());
    // A random source per operation, independent of the order of endings.
    const own = seededRandom(random() * 2 ** 32);
    const startedAt = new Date().toISOString();
    const done = operation.run(subject, own).then((ending) => {
      tally.add(operation.name, ending);
      const why = ending.type === "failed" ? `: ${ending.why}` : "";
      say(`${startedAt} ${operation.name}: ${ending.type}${why}`);
    });
    running.add(done);
    done.then(
      () => running.delete(done),
      () => {}, // `Promise.all` below reports the error
    );
    await delay(random() * MAX_GAP_MS);
    if (running.size >= MAX_AT_ONCE) await Promise.race(running);
  }
  await Promise.all(running);
  return tally;
}

interface Open {
  readonly master: Descriptors;
  /** Descriptors of one ready worker; all are alike. */
  readonly worker: Descriptors;
}

async function descriptorsOf(subject: Subject): Promise<Open> {
  const { pid, workers } = await subject.untilSettled();
  return {
    master: await leastDescriptors(pid, workers.length),
    worker: await leastDescriptors(workers[0]?.pid ?? 0, 0),
  };
}

/** Those of a worker that has opened all it needs: its watchdog starts late. */
async function lastingDescriptors(subject: Subject): Promise<Open> {
  let open = await descriptorsOf(subject);
  const areTheSame = async () => {
    const before = open;
    await delay(STARTED_MS);
    open = await descriptorsOf(subject);
    return isDeepStrictEqual(open, before);
  };
  const what = "the daemon's descriptors to stay the same";
  await waitUntil(areTheSame, { what, timeoutMs: GIVE_BACK_MS });
  return open;
}

async function problemsAfter(
  subject: Subject,
  before: Open,
): Promise<string[]> {
  const wrong: string[] = [];
  const { workers, workersWanted } = await subject.untilSettled();
  const wanted = subject.settings.workers;
  if (workersWanted !== wanted) {
    wrong.push(`${workersWanted} workers are wanted instead of ${wanted}`);
  }
  let processes = subject.daemon.processes();
  const areAsMany = () => {
    processes = subject.daemon.processes();
    return processes.length === workers.length + 1;
  };
  // The master also starts a short-lived process: getconf, once.
  const what = "processes to be gone";
  await waitUntil(areAsMany, { what, timeoutMs: GIVE_BACK_MS }).catch(() => {
    wrong.push(`${processes.length} processes: ${JSON.stringify(processes)}`);
  });
  return [...wrong, ...(await leakedDescriptors(subject, before))];
}

/** Retries, because only descriptors that stay open are leaks. */
async function leakedDescriptors(
  subject: Subject,
  before: Open,
): Promise<string[]> {
  let after = before;
  const isAsBefore = async () => {
    after = await descriptorsOf(subject);
    const [now, then] = [after, before];
    return (
      hasNoMore(now.master, then.master) && hasNoMore(now.worker, then.worker)
    );
  };
  const what = "the descriptors to be given back";
  try {
    await waitUntil(isAsBefore, { what, timeoutMs: GIVE_BACK_MS });
    return [];
  } catch {
    const [was, is] = [before, after].map((one) => JSON.stringify(one));
    return [`descriptors: ${was} before, ${is} after`];
  }
}

/** Counts operations by name and outcome. */
class OperationCounts {
  readonly #rows = new Map<string, { done: number; failed: number }>();

  add(operation: string, ending: Ending): void {
    const row = this.#rows.get(operation) ?? { done: 0, failed: 0 };
    row[ending.type]++;
    this.#rows.set(operation, row);
  }

  get total(): number {
    const rows = [...this.#rows.values()];
    return rows.reduce((sum, { done, failed }) => sum + done + failed, 0);
  }

  /** Name, done and failed, sorted by name. */
  rows(): [name: string, done: number, failed: number][] {
    const rows = [...this.#rows].map(([name, { done, failed }]) => {
      return [name, done, failed] satisfies [string, number, number];
    });
    return rows.sort(([one], [other]) => (one < other ? -1 : 1));
  }
}
