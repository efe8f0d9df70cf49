/**
 * Does what may happen to a daemon, several things at a time and in random
 * order, under load, and then looks at what is left.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
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
import { Tally } from "./tally.ts";

export interface ChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly scheduling: string;
  readonly workers: number;
  /** Empty, for the app and its settings. */
  readonly folder: string;
  /** Where the daemon's log is put in the end, to look for reasons. */
  readonly logPath?: string | undefined;
  /** Is told of each operation. */
  readonly say: (line: string) => void;
}

export interface ChaosOutcome {
  readonly tally: Tally;
  readonly findings: Findings;
  readonly seconds: number;
  /** Why the daemon has not stood it; empty if it has. */
  readonly problems: readonly string[];
}

/** Short ones, so that much happens in a short time. */
const SETTINGS = {
  heartbeatTimeoutMs: 3_000,
  startTimeoutMs: 10_000,
  maxRequestsPerWorker: 2_000,
  maxWorkerAgeMs: 15_000,
  // Without the answer to connections that are too many: it has no worker's
  // name, so that nobody could tell whose counter it is in.
  maxConnections: 0,
  // Where failures come so often, fewer lines are logged by default; and here
  // each death is to be explained.
  logLevel: "debug",
};
/** Floods of connections are to reach it. */
const DESCRIPTOR_LIMIT = 512;
const MAX_AT_ONCE = 3;
const MAX_GAP_MS = 700;
/** Longer than any worker may be frozen or wait to be started anew. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Figures of processes that have left are kept for some seconds. */
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
    return await tryOut(subject, options);
  } finally {
    const lines = subject.daemon.logs.map((line) => JSON.stringify(line));
    if (logPath !== undefined) writeFileSync(logPath, `${lines.join("\n")}\n`);
  }
}

async function tryOut(
  subject: Subject,
  options: ChaosOptions,
): Promise<ChaosOutcome> {
  const { seed } = options;
  const random = seededRandom(seed);
  // What a daemon opens once is open before anything is compared.
  await roll.run(subject, random);
  const before = await descriptorsOf(subject);
  const startedMs = performance.now();
  const load = new WatchedLoad(subject, {
    seed,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const tally = await unleash(subject, options, random);
  // Clears the waits of slots whose workers died early.
  const last = await roll.run(subject, random);
  const findings = await load.stop();
  const seconds = (performance.now() - startedMs) / 1_000;
  const problems = [
    ...(last.type === "failed" ? [`the last roll failed: ${last.why}`] : []),
    ...findings.faults,
    ...findings.verdicts.unexplained.map((one) => JSON.stringify(one)),
    ...(await whatIsWrong(subject, before)),
  ];
  await subject.daemon.stop();
  return { tally, findings, seconds, problems };
}

async function unleash(
  subject: Subject,
  { seconds, say }: ChaosOptions,
  random: () => number,
): Promise<Tally> {
  const tally = new Tally();
  const running = new Set<Promise<void>>();
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs) {
    const operation = chosen(random());
    // Its own numbers: those of the others do not depend on who is first.
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
      () => {}, // whoever waits for it hears of it
    );
    await delay(random() * MAX_GAP_MS);
    if (running.size >= MAX_AT_ONCE) await Promise.race(running);
  }
  await Promise.all(running);
  return tally;
}

interface Open {
  readonly master: Descriptors;
  /** One that is ready; all are alike. */
  readonly worker: Descriptors;
}

async function descriptorsOf(subject: Subject): Promise<Open> {
  const { pid, workers } = await subject.untilSettled();
  return {
    master: await leastDescriptors(pid, workers.length),
    worker: await leastDescriptors(workers[0]?.pid ?? 0, 0),
  };
}

async function whatIsWrong(subject: Subject, before: Open): Promise<string[]> {
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
  // The master also starts processes that end by themselves: getconf, once.
  const what = "processes to be gone";
  await waitUntil(areAsMany, { what, timeoutMs: GIVE_BACK_MS }).catch(() => {
    wrong.push(`${processes.length} processes: ${JSON.stringify(processes)}`);
  });
  return [...wrong, ...(await leakedDescriptors(subject, before))];
}

/** A leak is what does not go away: not what is open at this very moment. */
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
