/**
 * What workers say, how they end, and which of them have to be killed: kept
 * in their handles, told to the hooks, counted and logged. What follows from
 * it for the pool is the supervisor's to decide.
 */
import type { WorkerMessage } from "../../../shared/ipc-messages.ts";
import type { CheckReport } from "../../../shared/metrics/worker-snapshot.ts";
import type { RestartReason } from "../../metrics/counters.ts";
import { causeOfDeath, KernelKills } from "../cause-of-death.ts";
import { complaintAbout } from "../health.ts";
import { ReportedKills } from "../reported-kills.ts";
import type { SupervisorParts } from "../supervisor-parts.ts";
import { howItEnded, identityOf } from "./worker-facts.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** A worker's end, as far as it matters to the pool. */
export type WorkerEnd =
  | { readonly type: "left" }
  /** It never was ready, and should have been. */
  | { readonly type: "startFailed"; readonly error: WorkerFailure }
  /** It was ready, and nobody had told it to leave. */
  | { readonly type: "crashed"; readonly reason: RestartReason };

export interface WorkerFailure {
  readonly message: string;
  readonly stack?: string;
}

/** A look that is so late means that the master itself was held up. */
const HELD_UP_MS = 1_000;

export class WorkerWatch {
  readonly #parts: SupervisorParts;
  readonly #lookIntervalMs: number;
  readonly #kills: ReportedKills;
  readonly #kernelKills = new KernelKills();
  #lookedAt = 0;

  /** @param lookIntervalMs how often `killComplainedOf` is called at least */
  constructor(parts: SupervisorParts, lookIntervalMs: number) {
    this.#parts = parts;
    this.#lookIntervalMs = lookIntervalMs;
    this.#kills = new ReportedKills(parts);
  }

  hear(worker: WorkerHandle, message: WorkerMessage): void {
    const { hooks, logger, clock } = this.#parts;
    switch (message.type) {
      case "hello":
        worker.hasSaidHello = true;
        if (worker.state === "draining") worker.send({ type: "drain" });
        else hooks.onHello(worker);
        break;
      case "ready":
        // Too late is too late: it is killed in a moment.
        if (worker.state !== "starting" || worker.killReason) return;
        worker.moveTo("ready");
        worker.readyAt = clock.now();
        worker.lastHeartbeatAt = worker.readyAt;
        logger.info(identityOf(worker), "worker ready");
        hooks.onReady(worker, message.routes);
        break;
      case "failed":
        worker.failure = {
          message: message.message,
          ...(message.stack !== undefined && { stack: message.stack }),
        };
        break;
      case "heartbeat":
        worker.lastHeartbeatAt = clock.now();
        this.#noteChecks(worker, message.report.checks);
        hooks.onReport(worker, message);
        break;
      case "retire":
        logger.info({ ...identityOf(worker), why: message.why }, "retiring");
        worker.retireReason = "retired";
        break;
      case "leaving":
        worker.hasSaidGoodbye = true;
        hooks.onReport(worker, message);
        break;
      case "accepted":
      case "connections":
        break; // the dispatcher's
      case "count":
        break; // the rate counter's
      default:
        message satisfies never;
    }
  }

  /** Takes a worker that is gone out of the pool. */
  bury(worker: WorkerHandle): WorkerEnd {
    const { pool, hooks } = this.#parts;
    const { state } = worker;
    const hasKernelKilled = this.#kernelKills.haveRisen();
    pool.remove(worker);
    worker.moveTo("gone");
    hooks.onGone(worker);
    switch (state) {
      case "draining":
        this.#noteLeft(worker);
        return { type: "left" };
      case "starting": {
        const error = worker.failure ?? { message: howItEnded(worker) };
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
   * Kills those that do not do what they should.
   *
   * @returns those that served until now: their slots are free, though it may
   * take a moment until their processes are gone
   */
  killComplainedOf(): WorkerHandle[] {
    const { pool, hooks, clock } = this.#parts;
    this.#excuseIfHeldUp();
    const now = clock.now();
    const givenUp: WorkerHandle[] = [];
    for (const worker of pool.workers) {
      const drainDeadlineMs = worker.settings.drain.deadlineMs;
      const limits = { ...worker.settings, drainDeadlineMs };
      const complaint = complaintAbout(worker, limits, now);
      if (!complaint || worker.killReason) continue;
      this.#kills.kill(worker, complaint);
      if (worker.state !== "ready") continue;
      worker.moveTo("draining");
      worker.drainingSince = now;
      hooks.onDraining(worker);
      givenUp.push(worker);
    }
    return givenUp;
  }

  /** A check that fails ends no worker: another one would fail as well. */
  #noteChecks(worker: WorkerHandle, checks: readonly CheckReport[]): void {
    const { logger } = this.#parts;
    for (const { name: check, failure } of checks) {
      const before = worker.checks.find(({ name }) => name === check);
      if (Boolean(before?.failure) === Boolean(failure)) continue;
      const fields = { ...identityOf(worker), check };
      if (failure) logger.warn({ ...fields, failure }, "health check fails");
      else logger.info(fields, "health check passes again");
    }
  }

  #noteLeft(worker: WorkerHandle): void {
    const { counters, logger, clock } = this.#parts;
    const fields = { ...identityOf(worker), ...worker.exit };
    if (worker.hasSaidGoodbye) {
      const seconds = (clock.now() - (worker.drainingSince ?? 0)) / 1000;
      counters.drains.observe(seconds);
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
   * While the master was stopped, or its machine was, no worker could be heard:
   * none of them is stuck for that.
   */
  #excuseIfHeldUp(): void {
    const { pool, logger, clock } = this.#parts;
    const now = clock.now();
    const heldUpMs = now - this.#lookedAt - this.#lookIntervalMs;
    this.#lookedAt = now;
    if (heldUpMs < HELD_UP_MS || pool.workers.length === 0) return;
    logger.warn({ heldUpMs: Math.round(heldUpMs) }, "the master was held up");
    for (const worker of pool.workers) worker.lastHeartbeatAt = now;
  }
}
