/**
 * Everything counted for `/metrics`: by the workers, by this master, and by the
 * masters before it.
 */

import type { WorkerMessage } from "../../shared/ipc-messages.ts";
import { lostLogLines } from "../../shared/logging/bounded-output.ts";
import { Counters } from "../../shared/metrics/counters.ts";
import {
  fromHandover,
  type HandoverTotals,
  toHandover,
} from "../../shared/metrics/handover-totals.ts";
import {
  addTotals,
  noTotals,
  type Totals,
} from "../../shared/metrics/totals.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import { WorkerTotals } from "./worker-totals.ts";

type Report = Extract<WorkerMessage, { report: unknown }>;

export class ServerTotals {
  readonly #counters: Counters;
  readonly #workers = new WorkerTotals();
  #inherited = noTotals();

  /** @param counters the events that this master counts itself */
  constructor(counters: Counters) {
    this.#counters = counters;
  }

  onReport(worker: WorkerHandle, message: Report): void {
    const { gauges, totals, checks } = message.report;
    this.#workers.record(worker.id, totals);
    const requestCount = this.#workers.requestCountOf(worker.id);
    worker.recordStats({ gauges, checks, requestCount });
  }

  onGone({ id, slot, cpuSeconds }: WorkerHandle): void {
    this.#workers.retire(id);
    this.#counters.count("cpuSeconds", String(slot), cpuSeconds);
  }

  /**
   * Called again and again until the workers of the outgoing master have left.
   * Each time the totals are complete, so they replace those before.
   */
  inherit(totals: HandoverTotals): void {
    this.#inherited = fromHandover(totals);
  }

  /** @param workers whose CPU time is not yet counted as that of gone ones */
  sum(workers: readonly WorkerHandle[]): Totals {
    const sum = this.#workers.sum();
    addTotals(sum, this.#inherited);
    addTotals(sum, this.#counters.totals());
    addTotals(sum, liveTotals(workers));
    return sum;
  }

  /** For the incoming master. */
  handover(workers: readonly WorkerHandle[]): HandoverTotals {
    return toHandover(this.sum(workers));
  }
}

/** Figures that others keep, as of now. */
function liveTotals(workers: readonly WorkerHandle[]): Totals {
  const live = new Counters();
  for (const { slot, cpuSeconds } of workers) {
    live.count("cpuSeconds", String(slot), cpuSeconds);
  }
  live.add("lostLogLines", lostLogLines());
  return live.totals();
}
