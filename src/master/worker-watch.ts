/**
 * What workers say, how they end, and which of them have to be killed: kept
 * in their handles, told to the hooks, counted and logged. What follows from
 * it for the herd is the supervisor's to decide.
 */
import type { WorkerMessage } from "../shared/ipc-messages.ts";
import type { RestartReason } from "./counters.ts";
import { complaintAbout } from "./health.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import { howItEnded, identityOf } from "./worker-facts.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** A worker's end, as far as it matters to the herd. */
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
  #lookedAt = 0;

  /** @param lookIntervalMs how often `killComplainedOf` is called at least */
  constructor(parts: SupervisorParts, lookIntervalMs: number) {
    this.#parts = parts;
    this.#lookIntervalMs = lookIntervalMs;
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
        if (worker.state !== "starting") return;
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
        hooks.onReport(worker, message);
        break;
      case "retire":
        logger.info({ ...identityOf(worker), why: message.why }, "retiring");
        worker.wantsToRetire = true;
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

  /** Takes a worker that is gone out of the herd. */
  bury(worker: WorkerHandle): WorkerEnd {
    const { herd, hooks } = this.#parts;
    const { state } = worker;
    herd.remove(worker);
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
        const reason = worker.killReason === "stuck" ? "stuck" : "crash";
        return { type: "crashed", reason };
      }
      case "gone":
        return { type: "left" };
      default:
        return state satisfies never;
    }
  }

  killComplainedOf(): void {
    const { herd, logger, clock } = this.#parts;
    this.#excuseIfHeldUp();
    for (const worker of herd.workers) {
      const { startTimeoutMs, heartbeatTimeoutMs, drain } = worker.settings;
      const drainDeadlineMs = drain.deadlineMs;
      const limits = { startTimeoutMs, heartbeatTimeoutMs, drainDeadlineMs };
      const complaint = complaintAbout(worker, limits, clock.now());
      if (!complaint || worker.killReason) continue;
      logger.error({ ...identityOf(worker), complaint }, "killing worker");
      worker.kill("SIGKILL", complaint);
    }
  }

  #noteLeft(worker: WorkerHandle): void {
    const { counters, logger, clock } = this.#parts;
    const fields = { ...identityOf(worker), ...worker.exit };
    if (worker.hasSaidGoodbye) {
      const seconds = (clock.now() - (worker.drainingSince ?? 0)) / 1000;
      counters.drains.observe(seconds);
      logger.info({ ...fields, seconds }, "worker left");
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
    const { herd, logger, clock } = this.#parts;
    const now = clock.now();
    const heldUpMs = now - this.#lookedAt - this.#lookIntervalMs;
    this.#lookedAt = now;
    if (heldUpMs < HELD_UP_MS || herd.workers.length === 0) return;
    logger.warn({ heldUpMs: Math.round(heldUpMs) }, "the master was held up");
    for (const worker of herd.workers) worker.lastHeartbeatAt = now;
  }
}
