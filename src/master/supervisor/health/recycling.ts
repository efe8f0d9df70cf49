/**
 * Decides which worker to replace because of its memory, its number of requests
 * or its age. Workers are replaced one at a time, and the new one is ready
 * before the old one drains.
 */

import type { SupervisorParts } from "../supervisor-parts.ts";
import { identityOf } from "../workers/worker-facts.ts";
import type { WorkerHandle } from "../workers/worker-handle.ts";
import { STABLE_AFTER_MS } from "../workers/worker-pool.ts";
import type { WorkerState } from "../workers/worker-state.ts";
import type { Failures } from "./failures.ts";
import type { HealthExcuse } from "./health.ts";

export type RecycleReason = "memory" | "max_requests" | "age";

/** 0 disables a limit. */
export interface RecycleLimits {
  readonly maxWorkerMemoryBytes: number;
  readonly maxRequestsPerWorker: number;
  readonly maxWorkerAgeMs: number;
}

export interface RecycleView {
  readonly state: WorkerState;
  readonly readyAt: number | undefined;
  readonly memoryBytes: number;
  readonly requestCount: number;
  /** From 0 to 1, drawn once for each worker. */
  readonly chance: number;
  /** Reason for its replacement; undefined if there is none. */
  readonly retireReason: string | undefined;
  readonly settings: RecycleLimits;
  /** Set while its heap is read, or a debugger may be attached. */
  readonly excuse?: HealthExcuse | undefined;
}

/**
 * Largest share by which the limit of a worker is lowered, so that workers that
 * started together are not replaced together. Memory limits have no jitter.
 */
const JITTER = 0.25;

/** Prevents a hot loop if workers start over a limit. */
const MIN_LIFE_MS = 1_000;

const URGENCY: readonly RecycleReason[] = ["memory", "max_requests", "age"];

/**
 * The next worker to replace; undefined during another replacement. A
 * replacement lasts until the old worker has exited, so that there is at most
 * one extra worker.
 */
export function nextToRecycle<Worker extends RecycleView>(
  workers: readonly Worker[],
  now: number,
): { readonly worker: Worker; readonly reason: RecycleReason } | undefined {
  if (workers.some(({ retireReason }) => retireReason)) return undefined;
  for (const reason of URGENCY) {
    const worker = workers.find((each) => isOver(each, reason, now));
    if (worker) return { worker, reason };
  }
  return undefined;
}

function isOver(
  worker: RecycleView,
  reason: RecycleReason,
  now: number,
): boolean {
  const { settings, chance, readyAt, excuse } = worker;
  if (worker.state !== "ready" || readyAt === undefined) return false;
  if (excuse) return false;
  const ageMs = now - readyAt;
  if (ageMs < MIN_LIFE_MS) return false;
  switch (reason) {
    case "memory": {
      const { maxWorkerMemoryBytes: limit } = settings;
      return limit > 0 && worker.memoryBytes > limit;
    }
    case "max_requests": {
      const limit = lessJitter(settings.maxRequestsPerWorker, chance);
      return limit > 0 && worker.requestCount >= limit;
    }
    case "age": {
      const limit = lessJitter(settings.maxWorkerAgeMs, chance);
      return limit > 0 && ageMs >= limit;
    }
    default:
      return reason satisfies never;
  }
}

/** At least 1, unless the limit is disabled. */
function lessJitter(limit: number, chance: number): number {
  return Math.ceil(limit * (1 - JITTER * chance));
}

const TEXT = "worker is over a limit; a new one follows";

/** Marks workers that are over a limit for replacement, and logs it. */
export class Recycler {
  readonly #parts: SupervisorParts;
  readonly #failures: Failures;

  constructor(parts: SupervisorParts, failures: Failures) {
    this.#parts = parts;
    this.#failures = failures;
  }

  /** Marks the next worker, if one is due. */
  markNext(): void {
    const { pool, clock, logger } = this.#parts;
    const now = clock.now();
    const next = nextToRecycle(pool.workers, now);
    if (!next) return;
    const { worker, reason } = next;
    worker.retire(reason);
    const ageMs = now - (worker.readyAt ?? now);
    if (reason === "memory" && ageMs < STABLE_AFTER_MS) {
      // A new worker would not help: back off to prevent an endless loop.
      const error = `${worker.memoryBytes} bytes soon after it was ready`;
      this.#failures.note(worker, { reason, error }, TEXT);
    } else {
      const figure = figureOf(worker, reason, ageMs);
      logger.info({ ...identityOf(worker), reason, ...figure }, TEXT);
    }
  }
}

function figureOf(worker: WorkerHandle, reason: RecycleReason, ageMs: number) {
  switch (reason) {
    case "memory":
      return { memoryBytes: worker.memoryBytes };
    case "max_requests":
      return { requests: worker.requestCount };
    case "age":
      return { ageMs: Math.round(ageMs) };
    default:
      return reason satisfies never;
  }
}
