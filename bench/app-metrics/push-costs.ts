/** What a push costs a worker and the master, by how much has changed. */
import { Counter, Registry } from "prom-client";
import { appExposition } from "../../src/master/metrics/app/app-exposition.ts";
import { WorkerTotals } from "../../src/master/metrics/server-totals.ts";
import type { AppMetricsPush } from "../../src/shared/metrics/app-metrics.ts";
import { parseWorkerMessage } from "../../src/shared/worker-messages.ts";
import { SeriesTable } from "../../src/worker/app-metrics/series-table.ts";

export interface PushCost {
  readonly changed: number;
  /** Bytes of the message. */
  readonly bytes: number;
  /** Of prom-client, to read its registry. */
  readonly readMs: number;
  /** Of the worker beside that: to compare, and to make the text. */
  readonly workerMs: number;
  /** Of the master: to parse, to check and to add. */
  readonly masterMs: number;
  /** Of the master, for the text of a scrape. */
  readonly scrapeMs: number;
}

const MANY = 10 ** 9;
const METRICS = 10;

export async function pushCost(
  series: number,
  changed: number,
  rounds: number,
): Promise<PushCost> {
  const rig = new PushRig(series);
  await rig.push();
  const spent = { readMs: 0, workerMs: 0, masterMs: 0, scrapeMs: 0, bytes: 0 };
  for (let round = 0; round < rounds; round++) {
    rig.change(changed, round);
    const cost = await rig.push();
    for (const key of Object.keys(spent) as (keyof typeof spent)[]) {
      spent[key] += cost[key] / rounds;
    }
  }
  return { changed, ...spent };
}

class PushRig {
  readonly #registry = new Registry();
  readonly #counters: Counter.Internal[] = [];
  readonly #totals = new WorkerTotals();
  readonly #table = new SeriesTable({
    ...{ maxSeries: MANY, maxPushBytes: MANY, slot: 1 },
    isPerWorker: () => false,
    onRefused: () => {},
  });

  /** Ten metrics share the series, each with labels of a realistic length. */
  constructor(series: number) {
    for (let metric = 0; metric < METRICS; metric++) {
      const counter = new Counter({
        ...{ name: `orders_${metric}_total`, help: "Orders" },
        labelNames: ["customer", "result"],
        registers: [this.#registry],
      });
      for (let at = 0; at < series / METRICS; at++) {
        const labels = { customer: `customer-${at}`, result: "ok" };
        this.#counters.push(counter.labels(labels));
      }
    }
    this.change(series, 0);
  }

  change(count: number, from: number): void {
    const { length } = this.#counters;
    for (let at = 0; at < count; at++) {
      this.#counters[(from * 7 + at) % length]?.inc();
    }
  }

  async push() {
    const begin = performance.now();
    const all = await this.#registry.getMetricsAsJSON();
    const read = performance.now();
    const placed = all.map((metric) => ({
      ...{ metric, place: "", isFallback: false, labelNames: [] },
    }));
    const { push } = this.#table.read(placed);
    const text = JSON.stringify({ type: "appMetrics", push });
    const sent = performance.now();
    const message = parseWorkerMessage(JSON.parse(text));
    const { push: given } = message as { push: AppMetricsPush };
    this.#totals.recordApp(1, MANY, given);
    const added = performance.now();
    this.#scrape();
    const scraped = performance.now();
    return {
      bytes: Buffer.byteLength(text),
      readMs: read - begin,
      workerMs: sent - read,
      masterMs: added - sent,
      scrapeMs: scraped - added,
    };
  }

  #scrape(): string {
    const families = this.#totals.appFamiliesOf(1);
    const sources = [{ slot: 1, generation: 1, families }];
    return appExposition(sources, this.#totals.sum(), {
      isOpenMetrics: true,
      takenNames: [],
      onCollision: () => {},
    });
  }
}
