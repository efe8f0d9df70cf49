/**
 * Kills workers, and leaves a report of what each was doing: what its watchdog
 * tells, if it answers soon, and what can be seen from the outside.
 */
import { packageVersion } from "../../shared/config/package-version.ts";
import type { StackAnswer } from "../../shared/watchdog-channel.ts";
import { type ProcessFacts, processFacts } from "../host/process-facts.ts";
import type { Complaint } from "./health.ts";
import { ReportFolder } from "./report-folder.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import { identityOf } from "./workers/worker-facts.ts";
import type { WorkerHandle } from "./workers/worker-handle.ts";

/**
 * Its watchdog needs some 200 ms, more where the machine is busy; one that is
 * stopped never answers. Its slot does not wait for that.
 */
const ANSWER_TIMEOUT_MS = 2_000;

/** Frames that the log line has; the report has all. */
const LOGGED_FRAMES = 5;

const TICKS_PER_SECOND = 100;

export class ReportedKills {
  readonly #parts: SupervisorParts;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  /** Kills it when it has been asked what it does, or does not answer. */
  kill(worker: WorkerHandle, complaint: Complaint): void {
    worker.killReason = complaint;
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
      this.#tell(worker, complaint, { process: seen, ...answer });
    };
    let timer: NodeJS.Timeout | undefined = setTimeout(
      finish,
      ANSWER_TIMEOUT_MS,
    );
    // A master that has nothing else to do need not wait: the worker is gone.
    timer.unref();
    worker.askForStacks(finish);
  }

  #tell(worker: WorkerHandle, complaint: Complaint, seen: Seen): void {
    const { logger, clock } = this.#parts;
    const { violation } = worker;
    const who = {
      ...identityOf(worker),
      complaint,
      ...(violation !== undefined && { violation }),
    };
    const report = { ...who, ...reportOn(worker, clock.now()), ...seen };
    const stack = seen.stacks?.[0]?.slice(0, LOGGED_FRAMES);
    const fields = { ...who, ...(stack && { stack }) };
    try {
      const folder = new ReportFolder(worker.settings.reportDir);
      const name = `${complaint}-${worker.slot}-${worker.pid}`;
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

/** What the master knows of it anyway. */
function reportOn(worker: WorkerHandle, now: number) {
  const { gauges, checks, requestCount, memoryBytes, cpuSeconds } = worker;
  return {
    at: new Date().toISOString(),
    version: packageVersion(),
    node: process.version,
    state: worker.readyAt === undefined ? "starting" : "ready",
    ageSeconds: (now - worker.startedAt) / 1000,
    heartbeatAgeSeconds: (now - worker.lastHeartbeatAt) / 1000,
    // As of its last heartbeat.
    ...{ gauges, requestCount, checks, memoryBytes, cpuSeconds },
  };
}

/** Of one core, while it was asked: a loop has 1, one that waits has 0. */
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
