/**
 * Kills workers, and writes a report of what each was doing: the stacks from
 * its watchdog, if that answers in time, and what the kernel shows.
 */
import { packageVersion } from "../../shared/package-version.ts";
import type { StackAnswer } from "../../shared/watchdog-channel.ts";
import { type ProcessFacts, processFacts } from "../host/process-facts.ts";
import type { UnhealthyReason } from "./health.ts";
import { ReportFolder } from "./report-folder.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import { identityOf } from "./workers/worker-facts.ts";
import type { WorkerHandle } from "./workers/worker-handle.ts";

/**
 * A watchdog answers after about 200 ms, and after 1.7 s if the main thread
 * runs no JavaScript; later on a busy machine. The watchdog of a stopped process
 * never answers. The slot does not wait for the answer.
 */
const ANSWER_TIMEOUT_MS = 4_000;

/** Frames in the log line; the report has all. */
const LOGGED_FRAMES = 5;

const TICKS_PER_SECOND = 100;

export class ReportedKills {
  readonly #parts: SupervisorParts;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  /** Kills the worker once its watchdog has answered, or after the time-out. */
  kill(worker: WorkerHandle, reason: UnhealthyReason): void {
    worker.markUnhealthy(reason);
    const askedAt = this.#parts.clock.now();
    const before = processFacts(worker.pid);
    const finish = (answer?: StackAnswer) => {
      if (!timer) return;
      clearTimeout(timer);
      timer = undefined;
      const seconds = (this.#parts.clock.now() - askedAt) / 1000;
      const facts = processFacts(worker.pid);
      worker.kill("SIGKILL");
      const seen = { ...facts, cpuShare: cpuShare(before, facts, seconds) };
      this.#report(worker, reason, { process: seen, ...answer });
    };
    let timer: NodeJS.Timeout | undefined = setTimeout(
      finish,
      ANSWER_TIMEOUT_MS,
    );
    // A master that has nothing else to do need not wait for it.
    timer.unref();
    worker.askForStacks(finish);
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

interface Seen {
  readonly process: ProcessFacts & { readonly cpuShare: number | undefined };
  readonly stacks?: StackAnswer["stacks"];
}

/** The facts that the master has. */
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

/** Share of one core meanwhile: 1 in a busy loop, 0 while it waits. */
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
