/** Marks workers that are over a limit for replacement, and logs it. */

import type { SupervisorParts } from "../supervisor-parts.ts";
import { identityOf } from "../workers/worker-facts.ts";
import type { WorkerHandle } from "../workers/worker-handle.ts";
import { STABLE_AFTER_MS } from "../workers/worker-pool.ts";
import type { Failures } from "./failures.ts";
import { nextToRecycle, type RecycleReason } from "./recycling.ts";

const TEXT = "worker is over a limit; a new one follows";

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
      // A new worker will not help: back off, or this would never end.
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
