/**
 * Which worker is to be replaced before it does harm: it takes too much
 * memory, has answered many requests, or is old. One at a time, through the
 * same door as all: the new worker is ready before the old one drains.
 */
import type { WorkerState } from "./workers/worker-state.ts";

export type RecycleReason = "memory" | "max_requests" | "age";

/** 0 is none. */
export interface RecycleLimits {
  readonly maxWorkerMemoryBytes: number;
  readonly maxRequestsPerWorker: number;
  readonly maxWorkerAgeMs: number;
}

/** A worker, as far as its replacement is concerned. */
export interface RecycleView {
  readonly state: WorkerState;
  readonly readyAt: number | undefined;
  readonly memoryBytes: number;
  readonly requestCount: number;
  /** From 0 to 1, drawn once in its life. */
  readonly chance: number;
  /** Why it is being replaced already, if it is. */
  readonly retireReason: string | undefined;
  readonly settings: RecycleLimits;
}

/**
 * Workers that began together must not end together: each has up to this
 * share less than the limit. Memory has none: it grows as it likes.
 */
const JITTER = 0.25;

/** What is over a limit already as it begins must not make a hot loop. */
const MIN_LIFE_MS = 1_000;

const URGENCY: readonly RecycleReason[] = ["memory", "max_requests", "age"];

/**
 * The next to be replaced; none while one is. It counts until it has left, so
 * that two workers more than wanted are never there.
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
  const { settings, chance, readyAt } = worker;
  if (worker.state !== "ready" || readyAt === undefined) return false;
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

/** At least 1, unless there is no limit. */
function lessJitter(limit: number, chance: number): number {
  return Math.ceil(limit * (1 - JITTER * chance));
}
