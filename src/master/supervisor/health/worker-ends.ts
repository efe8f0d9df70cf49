import type { MasterLifecycle } from "../master-lifecycle.ts";
import type { Generations } from "../rollout/generations.ts";
import type { Reloads } from "../rollout/reloads.ts";
import type { Shutdown } from "../shutdown.ts";
import type { DecisionParts } from "../supervisor-parts.ts";
import {
  failureText,
  reasonToGiveUp,
  rolloutFailureText,
} from "../workers/worker-facts.ts";
import type { WorkerFailure, WorkerHandle } from "../workers/worker-handle.ts";
import type { WorkerWatch } from "../workers/worker-watch.ts";
import type { Failures } from "./failures.ts";
import type { RestartReason } from "./health.ts";

interface Affected {
  readonly watch: WorkerWatch;
  readonly lifecycle: MasterLifecycle;
  readonly generations: Generations;
  readonly reloads: Reloads;
  readonly failures: Failures;
  readonly shutdown: Shutdown;
}

/** Decides the consequences of a worker's end. */
export class WorkerEnds {
  readonly #parts: DecisionParts;
  readonly #affected: Affected;

  constructor(parts: DecisionParts, affected: Affected) {
    this.#parts = parts;
    this.#affected = affected;
  }

  onGone(worker: WorkerHandle): void {
    const end = this.#affected.watch.reap(worker);
    switch (end.type) {
      case "left":
        break;
      case "startFailed":
        this.#onStartFailed(worker, end.error);
        break;
      case "crashed":
        this.#onCrash(worker, end.reason);
        break;
      default:
        end satisfies never;
    }
  }

  /** Frees the slots of killed workers before their processes have exited. */
  giveUp(workers: readonly WorkerHandle[]): void {
    for (const worker of workers) {
      this.#onCrash(worker, reasonToGiveUp(worker));
    }
  }

  #onCrash(worker: WorkerHandle, reason: RestartReason): void {
    const { failures, generations, reloads } = this.#affected;
    this.#parts.counters.count("restarts", reason);
    const error = failureText(worker);
    const text = worker.isAlive
      ? "worker is given up; a new one follows"
      : "worker died; a new one follows";
    const waitMs = failures.note(worker, { reason, error }, text);
    if (worker.generation === generations.rollout?.generation) {
      reloads.abort(`${rolloutFailureText(worker)} while it was rolled out`);
    }
    this.#reconcileLater(waitMs);
  }

  #onStartFailed(worker: WorkerHandle, failure: WorkerFailure): void {
    const { pool, counters } = this.#parts;
    const { lifecycle, shutdown, failures, generations, reloads } =
      this.#affected;
    if (lifecycle.phase === "starting") {
      lifecycle.noteStartFailure(failure);
      for (const other of pool.workers) other.kill("SIGKILL");
      shutdown.beginDrain();
      return;
    }
    if (lifecycle.isStopping) return;
    counters.count("restarts", "start_failed");
    const cause = { reason: "start_failed", error: failure.message } as const;
    const text = "worker did not become ready";
    const waitMs = failures.note(worker, cause, text);
    if (worker.generation === generations.rollout?.generation) {
      reloads.abort(failure.message);
    } else {
      reloads.keepInSlot(worker);
    }
    this.#reconcileLater(waitMs);
  }

  #reconcileLater(afterMs: number): void {
    const command = { type: "tick" } as const;
    this.#parts.effects.push({ type: "later", afterMs, command });
  }
}
