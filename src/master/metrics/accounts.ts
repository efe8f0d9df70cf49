/**
 * All that is counted for whoever asks: what the workers say, what the master
 * counts itself, and what the masters before it have counted.
 */
import { lostLogLines } from "../../shared/bounded-output.ts";
import type { WorkerMessage } from "../../shared/ipc-messages.ts";
import type { MasterTotals } from "../../shared/metrics/master-totals.ts";
import type { Dispatcher } from "../sockets/dispatcher.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import { MasterBook, type MasterFigures } from "../upgrade/inherited-totals.ts";
import { Counters } from "./counters.ts";
import type { MetricSources } from "./metric-families.ts";
import { Ledger } from "./worker-totals.ts";

export interface AccountSources {
  readonly dispatcher: Dispatcher;
  readonly workers: () => readonly WorkerHandle[];
}

type Report = Extract<WorkerMessage, { report: unknown }>;

export class Accounts {
  readonly counters = new Counters();
  readonly #sources: AccountSources;
  readonly #ledger = new Ledger();
  readonly #book = new MasterBook();
  /** CPU seconds by slot, of workers that are gone. */
  readonly #retiredCpu = new Map<number, number>();

  constructor(sources: AccountSources) {
    this.#sources = sources;
  }

  /** A worker has said how it is and what it has counted. */
  onReport(worker: WorkerHandle, message: Report): void {
    const { gauges, snapshot, checks } = message.report;
    this.#ledger.record(worker.id, snapshot);
    const requestCount = this.#ledger.requestCountOf(worker.id);
    worker.recordStats({ gauges, checks, requestCount });
    if (message.type === "leaving") {
      this.counters.forcedCloses += message.forcedCloses;
    }
  }

  /** It counts no more. */
  onGone({ id, slot, cpuSeconds }: WorkerHandle): void {
    this.#ledger.retire(id);
    const before = this.#retiredCpu.get(slot) ?? 0;
    this.#retiredCpu.set(slot, before + cpuSeconds);
  }

  /** What the master before this one has counted until now. */
  recordBefore(totals: MasterTotals): void {
    this.#book.record(totals);
  }

  /** For the master after this one. */
  export(): MasterTotals {
    return this.#book.export(this.#own());
  }

  /** For a scrape. */
  figures(): Pick<MetricSources, keyof MasterFigures> {
    return this.#book.withPredecessors(this.#own());
  }

  requestCountOf(workerId: number): number {
    return this.#ledger.requestCountOf(workerId);
  }

  #own(): MasterFigures {
    const cpuSeconds = new Map(this.#retiredCpu);
    for (const { slot, cpuSeconds: live } of this.#sources.workers()) {
      cpuSeconds.set(slot, (cpuSeconds.get(slot) ?? 0) + live);
    }
    this.counters.lostLogLines = lostLogLines();
    return {
      totals: this.#ledger.totals(),
      counters: this.counters,
      dispatcher: this.#sources.dispatcher.counts,
      cpuSeconds,
    };
  }
}
