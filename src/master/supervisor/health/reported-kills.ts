/**
 * Kills workers, and writes a report on the activity of each: the stacks from
 * its watchdog, if that answers in time, and facts from the kernel.
 */

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StackAnswer } from "../../../shared/inspection/watchdog-channel.ts";
import { packageVersion } from "../../../shared/package-version.ts";
import { type ProcessFacts, processFacts } from "../../host/process-facts.ts";
import type { DecisionParts } from "../supervisor-parts.ts";
import { identityOf } from "../workers/worker-facts.ts";
import type { WorkerHandle } from "../workers/worker-handle.ts";
import type { UnhealthyReason } from "./health.ts";

/**
 * A watchdog answers after about 200 ms, or after 1.7 s if the main thread runs
 * no JavaScript, and later on a busy machine. The watchdog of a stopped process
 * never answers. The slot does not wait for the answer.
 */
const ANSWER_TIMEOUT_MS = 4_000;

/** Id of the question for the stacks of a worker that is about to be killed. */
export const LAST_STACKS = 0;

/** Frames in the log line; the report has all of them. */
const LOGGED_FRAMES = 5;

const TICKS_PER_SECOND = 100;

export class ReportedKills {
  readonly #parts: DecisionParts;
  /** Workers whose watchdogs have been asked and have not answered. */
  readonly #asked = new Map<WorkerHandle, Asked>();

  constructor(parts: DecisionParts) {
    this.#parts = parts;
  }

  /** Asks the worker's watchdog for stacks; `finish()` follows in any case. */
  begin(worker: WorkerHandle, reason: UnhealthyReason): void {
    const { clock, effects } = this.#parts;
    worker.markUnhealthy(reason);
    const facts = processFacts(worker.pid);
    this.#asked.set(worker, { reason, at: clock.now(), facts });
    const timeoutMs = ANSWER_TIMEOUT_MS;
    effects.push({ type: "askForStacks", worker, timeoutMs });
  }

  /** @param answer undefined after the time-out */
  finish(worker: WorkerHandle, answer: StackAnswer | undefined): void {
    const asked = this.#asked.get(worker);
    if (!asked) return; // a time-out after an answer
    this.#asked.delete(worker);
    const seconds = (this.#parts.clock.now() - asked.at) / 1000;
    const facts = processFacts(worker.pid);
    worker.kill("SIGKILL");
    const share = cpuShare(asked.facts, facts, seconds);
    const seen = { ...facts, cpuShare: share };
    this.#report(worker, asked.reason, { process: seen, ...answer });
  }

  #report(worker: WorkerHandle, reason: UnhealthyReason, seen: Seen): void {
    const { logger, clock } = this.#parts;
    const { violation } = worker;
    const who = {
      ...identityOf(worker),
      reason,
      ...(violation !== undefined && { violation }),
    };
    const report = { ...who, ...reportOn(worker, clock.now()), ...seen };
    const stack = seen.stacks?.[0]?.slice(0, LOGGED_FRAMES);
    const fields = { ...who, ...(stack && { stack }) };
    try {
      const folder = new ReportFolder(worker.settings.reportDir);
      const name = `${reason}-${worker.slot}-${worker.pid}`;
      const file = folder.write(name.replaceAll("_", "-"), report);
      logger.error({ ...fields, report: file }, "killed worker");
    } catch (error) {
      const noReport = (error as Error).message;
      logger.error({ ...fields, noReport }, "killed worker");
    }
  }
}

interface Asked {
  readonly reason: UnhealthyReason;
  /** Monotonic ms. */
  readonly at: number;
  readonly facts: ProcessFacts;
}

interface Seen {
  readonly process: ProcessFacts & { readonly cpuShare: number | undefined };
  readonly stacks?: StackAnswer["stacks"];
}

/** Facts about the worker in the master. */
function reportOn(worker: WorkerHandle, now: number) {
  const { gauges, checks, requestCount, memoryBytes, cpuSeconds } = worker;
  return {
    at: new Date().toISOString(),
    version: packageVersion(),
    node: process.version,
    state: worker.readyAt === undefined ? "starting" : "ready",
    ageSeconds: (now - worker.startedAt) / 1000,
    heartbeatAgeSeconds: (now - worker.lastHeartbeatAt) / 1000,
    // As of the last heartbeat.
    ...{ gauges, requestCount, checks, memoryBytes, cpuSeconds },
  };
}

/** Use of one core between the samples: 1 in a busy loop, 0 while waiting. */
function cpuShare(
  { cpuTicks: before }: ProcessFacts,
  { cpuTicks: after }: ProcessFacts,
  seconds: number,
): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  if (seconds < 1 / TICKS_PER_SECOND) return undefined;
  const share = (after - before) / TICKS_PER_SECOND / seconds;
  return Math.round(share * 100) / 100;
}

/** Older reports are removed, so that a crash loop cannot fill a disk. */
const MAX_REPORTS = 10;

const NAME = /^remuda-report-.*\.json$/;

/** The folder of reports on killed workers. */
export class ReportFolder {
  readonly #folder: string;
  /** Whether other users can create it. */
  readonly #isShared: boolean;

  /** @param given default: systemd's log folder, or one in /tmp */
  constructor(given: string | undefined) {
    const [logs] = (process.env.LOGS_DIRECTORY ?? "").split(":");
    const uid = process.getuid?.() ?? "";
    const own = path.join(tmpdir(), `remuda-reports-${uid}`);
    this.#folder = given ?? (logs || own);
    this.#isShared = this.#folder === own;
  }

  /**
   * Writes a report. Synchronous, because reports are small and rare.
   *
   * @param name part of the file name: letters, digits and hyphens
   * @returns the path of the file
   * @throws Error if the file cannot be written
   */
  write(name: string, report: object): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (this.#isShared) this.#checkOwner();
    const at = new Date().toISOString().replaceAll(/[:.]/g, "-");
    const file = path.join(this.#folder, `remuda-report-${at}-${name}.json`);
    const text = `${JSON.stringify(report, null, 2)}\n`;
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
    this.#removeOld();
    return file;
  }

  /**
   * Checks the owner: in /tmp another user may have created the folder first.
   */
  #checkOwner(): void {
    const stat = lstatSync(this.#folder);
    if (stat.isDirectory() && stat.uid === process.getuid?.()) return;
    throw new Error(`${this.#folder} is not a folder of ours`);
  }

  #removeOld(): void {
    // Names begin with the time, so they sort by age.
    const names = readdirSync(this.#folder).filter((name) => NAME.test(name));
    for (const name of names.sort().slice(0, -MAX_REPORTS)) {
      rmSync(path.join(this.#folder, name), { force: true });
    }
  }
}
