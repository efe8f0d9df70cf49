import { Registry } from "prom-client";
import {
  appExposition,
  type Collision,
} from "../../../src/master/metrics/app/app-exposition.ts";
import { WorkerTotals } from "../../../src/master/metrics/server-totals.ts";
import type { AppMetricsPush } from "../../../src/shared/metrics/app-metrics.ts";
import { parseWorkerMessage } from "../../../src/shared/worker-messages.ts";
import type { MetricRegistry } from "../../../src/worker/app-metrics/metric-registry.ts";
import {
  type Refusal,
  SeriesTable,
} from "../../../src/worker/app-metrics/series-table.ts";
import { type Metric, parseMetrics } from "../../support/prometheus.ts";

interface WorkerOptions {
  readonly slot?: number;
  readonly perWorker?: readonly string[];
  readonly maxSeries?: number;
  readonly maxPushBytes?: number;
}

const MANY = 1_000_000;

/** Workers' registries, and what a master shows of them. */
export class MetricsRig {
  readonly collisions: Collision[] = [];
  readonly takenNames: string[] = [];
  readonly #totals = new WorkerTotals();
  readonly #workers: RigWorker[] = [];
  #nextId = 1;

  worker(options: WorkerOptions = {}): RigWorker {
    const id = this.#nextId++;
    const { maxSeries = MANY } = options;
    const worker = new RigWorker(id, options, (push) => {
      // As it arrives: through JSON, and checked.
      const text = JSON.stringify({ type: "appMetrics", push });
      const message = parseWorkerMessage(JSON.parse(text));
      if (message.type !== "appMetrics") throw new Error(message.type);
      this.#totals.recordApp(id, maxSeries, message.push);
    });
    this.#workers.push(worker);
    return worker;
  }

  /** The worker ends, and its counts stay. */
  end(worker: RigWorker): number {
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    return this.#totals.retire(worker.id);
  }

  text({ isOpenMetrics = false } = {}): string {
    const sources = this.#workers.map(({ id, slot }) => {
      const families = this.#totals.appFamiliesOf(id);
      return { slot, generation: 1, families };
    });
    return appExposition(sources, this.#totals.sum(), {
      isOpenMetrics,
      takenNames: this.takenNames,
      onCollision: (collision) => this.collisions.push(collision),
    });
  }

  /** Samples as `name{label="value"} 1`, without comments. */
  lines(): string[] {
    const lines = this.text().split("\n");
    return lines.filter((line) => line !== "" && !line.startsWith("#"));
  }

  metrics(): Metric[] {
    return parseMetrics(this.text());
  }
}

export class RigWorker {
  readonly id: number;
  readonly slot: number;
  readonly registry = new Registry();
  readonly refusals: Refusal[] = [];
  readonly pushes: AppMetricsPush[] = [];
  readonly #table: SeriesTable;
  readonly #send: (push: AppMetricsPush) => void;

  constructor(
    id: number,
    options: WorkerOptions,
    send: (push: AppMetricsPush) => void,
  ) {
    const { slot = id, perWorker = [] } = options;
    this.id = id;
    this.slot = slot;
    this.#send = send;
    this.#table = new SeriesTable({
      ...{ maxSeries: MANY, maxPushBytes: MANY, slot, ...options },
      isPerWorker: ({ name, type }) => {
        return type === "summary" || perWorker.includes(name);
      },
      onRefused: (refusal) => this.refusals.push(refusal),
    });
  }

  /** As if the registry could not be read. */
  async pushNothing(): Promise<void> {
    this.#send(this.#table.read([], false).push);
  }

  /** @param others registries beside the worker's own */
  async push(...others: MetricRegistry[]): Promise<boolean> {
    const all: MetricRegistry[] = [this.registry, ...others];
    const metrics = [];
    for (const [at, registry] of all.entries()) {
      for (const metric of await registry.getMetricsAsJSON()) {
        const place = `registry ${at}`;
        metrics.push({ metric, place, isFallback: false, labelNames: [] });
      }
    }
    const { push, isComplete } = this.#table.read(metrics);
    this.pushes.push(push);
    this.#send(push);
    return isComplete;
  }
}
