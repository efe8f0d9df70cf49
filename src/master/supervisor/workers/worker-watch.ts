/**
 * Handles the messages and the ends of workers, and kills unhealthy ones. The
 * supervisor decides the consequences for the pool.
 */

import { readFileSync } from "node:fs";
import type { StackAnswer } from "../../../shared/inspection/watchdog-channel.ts";
import type { WorkerMessage } from "../../../shared/ipc-messages.ts";
import type { CheckReport } from "../../../shared/metrics/worker-report.ts";
import { type RestartReason, unhealthyReason } from "../health/health.ts";
import { ReportedKills } from "../health/reported-kills.ts";
import type { DecisionParts } from "../supervisor-parts.ts";
import { identityOf, startFailureText } from "./worker-facts.ts";
import type { WorkerFailure, WorkerHandle } from "./worker-handle.ts";
import type { WorkerExit } from "./worker-process.ts";

/** The end of a worker, as the pool sees it. */
export type WorkerEnd =
  | { readonly type: "left" }
  /** The worker ended before it was ready. */
  | { readonly type: "startFailed"; readonly error: WorkerFailure }
  /** The worker was ready, and had not been told to exit. */
  | { readonly type: "crashed"; readonly reason: RestartReason };

/** A check that is this late shows that the master itself was stalled. */
const STALL_MS = 1_000;

export class WorkerWatch {
  readonly #parts: DecisionParts;
  readonly #checkIntervalMs: number;
  readonly #kills: ReportedKills;
  readonly #kernelKills = new KernelKills();
  #checkedAt = 0;

  /** @param checkIntervalMs longest time between calls of `killUnhealthy` */
  constructor(parts: DecisionParts, checkIntervalMs: number) {
    this.#parts = parts;
    this.#checkIntervalMs = checkIntervalMs;
    this.#kills = new ReportedKills(parts);
  }

  onMessage(worker: WorkerHandle, message: WorkerMessage): void {
    const { effects, totals, logger, clock } = this.#parts;
    switch (message.type) {
      case "hello":
        // The supervisor boots other workers.
        if (worker.state === "draining") worker.send({ type: "drain" });
        break;
      case "ready":
        // A late worker is about to be killed.
        if (worker.state !== "starting" || worker.killReason) return;
        worker.markReady(clock.now());
        logger.info(identityOf(worker), "worker ready");
        effects.push({ ...message, type: "workerReady", worker });
        break;
      case "bind":
        effects.push({ type: "bindListener", worker, request: message });
        break;
      case "unbind": {
        const { listener } = message;
        effects.push({ type: "unbindListener", worker, listener });
        break;
      }
      case "failed": {
        const { message: text, stack } = message;
        worker.fail({ message: text, ...(stack !== undefined && { stack }) });
        break;
      }
      case "heartbeat":
        worker.recordHeartbeat(clock.now());
        this.#logChangedChecks(worker, message.report.checks);
        totals.onReport(worker, message);
        break;
      case "appMetrics":
        totals.onAppMetrics(worker, message.push);
        break;
      case "retire":
        logger.info({ ...identityOf(worker), why: message.why }, "retiring");
        worker.retire("retired");
        break;
      case "leaving":
        totals.onReport(worker, message);
        break;
      case "accepted":
      case "connections":
        break; // handled by the dispatcher
      case "count":
        break; // handled by the rate counter
      case "broadcast":
        break; // passed on to other workers
      case "ownSession":
      case "handOver":
        break; // handled by the owners of sessions
      default:
        message satisfies never;
    }
  }

  /** Removes an exited worker from the pool. */
  reap(worker: WorkerHandle): WorkerEnd {
    const { pool, effects } = this.#parts;
    const { state } = worker;
    const hasKernelKilled = this.#kernelKills.haveRisen();
    pool.remove(worker);
    worker.markGone();
    effects.push({ type: "workerGone", worker });
    switch (state) {
      case "draining":
        this.#logLeft(worker);
        return { type: "left" };
      case "starting": {
        const error = worker.failure ?? { message: startFailureText(worker) };
        return { type: "startFailed", error };
      }
      case "ready": {
        const reason = causeOfDeath(worker.exit, hasKernelKilled);
        return { type: "crashed", reason };
      }
      case "gone":
        return { type: "left" };
      default:
        return state satisfies never;
    }
  }

  /**
   * Kills unhealthy workers.
   *
   * @returns those that were ready until now: their slots are free, although
   * their processes may take a moment to exit
   */
  killUnhealthy(): WorkerHandle[] {
    const { pool, effects, clock } = this.#parts;
    this.#excuseStall();
    const now = clock.now();
    const killed: WorkerHandle[] = [];
    for (const worker of pool.workers) {
      const drainDeadlineMs = worker.settings.drain.deadlineMs;
      const limits = { ...worker.settings, drainDeadlineMs };
      const reason = unhealthyReason(worker, limits, now);
      if (!reason || worker.killReason) continue;
      this.#kills.begin(worker, reason);
      if (worker.state !== "ready") continue;
      worker.markDraining(now);
      effects.push({ type: "withdrawWorker", worker });
      killed.push(worker);
    }
    return killed;
  }

  /**
   * Handles the watchdog's answer or its time-out, before the worker is killed.
   */
  onStacks(worker: WorkerHandle, answer: StackAnswer | undefined): void {
    this.#kills.finish(worker, answer);
  }

  /** Only logs failing checks: a new worker would fail them as well. */
  #logChangedChecks(
    worker: WorkerHandle,
    checks: readonly CheckReport[],
  ): void {
    const { logger } = this.#parts;
    for (const { name: check, failure } of checks) {
      const before = worker.checks.find(({ name }) => name === check);
      if (Boolean(before?.failure) === Boolean(failure)) continue;
      const fields = { ...identityOf(worker), check };
      if (failure) logger.warn({ ...fields, failure }, "health check fails");
      else logger.info(fields, "health check passes again");
    }
  }

  #logLeft(worker: WorkerHandle): void {
    const { counters, logger, clock } = this.#parts;
    const fields = { ...identityOf(worker), ...worker.exit };
    if (worker.isLeaving) {
      const seconds = (clock.now() - (worker.drainingSince ?? 0)) / 1000;
      counters.observe("drains", seconds);
      logger.info({ ...fields, seconds }, "worker left");
    } else if (worker.killReason) {
      logger.debug(fields, "killed worker is gone");
    } else if (worker.readyAt === undefined) {
      logger.info(fields, "worker dismissed before it was ready");
    } else {
      logger.warn(fields, "worker died while it was draining");
    }
  }

  /**
   * Discounts a stall: while the master or its machine was stopped, no
   * heartbeat could be read, so silence during that time does not count.
   */
  #excuseStall(): void {
    const { pool, logger, clock } = this.#parts;
    const now = clock.now();
    const stallMs = now - this.#checkedAt - this.#checkIntervalMs;
    this.#checkedAt = now;
    if (stallMs < STALL_MS || pool.workers.length === 0) return;
    logger.warn({ heldUpMs: Math.round(stallMs) }, "the master was held up");
    for (const worker of pool.workers) worker.recordHeartbeat(now);
  }
}

/** Exit code of a shell whose command ended by SIGABRT. */
const ABORTED = 134;

/**
 * The likely reason why a ready worker ended. V8 aborts when its heap is full,
 * and rarely for another reason. A KILL that the master did not send is
 * attributed to the kernel if the kernel has killed for memory since then.
 */
export function causeOfDeath(
  exit: WorkerExit | undefined,
  hasKernelKilled: boolean,
): RestartReason {
  const { code, signal } = exit ?? {};
  if (signal === "SIGABRT" || code === ABORTED) return "oom";
  return signal === "SIGKILL" && hasKernelKilled ? "oom" : "crash";
}

/** Watches the count of processes that the kernel killed for memory. */
export class KernelKills {
  readonly #file: string;
  #count: number | undefined;

  /** @param file path of the kernel's counters */
  constructor(file = "/proc/vmstat") {
    this.#file = file;
    this.#count = this.#read();
  }

  /** Whether the count has risen since the last call. */
  haveRisen(): boolean {
    const before = this.#count;
    this.#count = this.#read();
    if (before === undefined || this.#count === undefined) return false;
    return this.#count > before;
  }

  #read(): number | undefined {
    try {
      const text = readFileSync(this.#file, "utf8");
      const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
      return count === undefined ? undefined : Number(count);
    } catch {
      return undefined; // not on Linux
    }
  }
}
