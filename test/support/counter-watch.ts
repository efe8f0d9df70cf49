import { setTimeout as delay } from "node:timers/promises";
import { parseMetrics } from "./prometheus.ts";

/** A counter that decreased, or a scrape that failed. */
export interface CounterFault {
  readonly what: string;
  readonly atMs: number;
}

export interface CounterWatchOptions {
  /** Returns the text of a scrape. */
  readonly scrape: () => Promise<string>;
  /** Pause between two scrapes. */
  readonly pauseMs: number;
}

const MAX_FAULTS = 50;
/** Metrics that only grow, by the Prometheus naming conventions. */
const COUNTER = /_(total|count|sum|bucket)$/;

/** Scrapes continuously and compares each counter with its last value. */
export class CounterWatch {
  readonly faults: CounterFault[] = [];
  readonly #options: CounterWatchOptions;
  readonly #highest = new Map<string, number>();
  readonly #loop: Promise<void>;
  #isStopped = false;
  #scrapes = 0;

  constructor(options: CounterWatchOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  get scrapes(): number {
    return this.#scrapes;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#loop;
  }

  /** Compares one scrape with earlier ones. */
  look(text: string): void {
    this.#scrapes++;
    const gauges = new Set(
      [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name),
    );
    for (const { name, labels, value } of parseMetrics(text)) {
      if (!COUNTER.test(name) || gauges.has(name)) continue;
      const series = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
      const before = this.#highest.get(series) ?? 0;
      if (value < before) this.#fault(`${series}: ${before}, then ${value}`);
      else this.#highest.set(series, value);
    }
  }

  async #run(): Promise<void> {
    const { scrape, pauseMs } = this.#options;
    while (!this.#isStopped) {
      await scrape().then(
        (text) => this.look(text),
        (error: Error) => this.#fault(`no answer to a scrape: ${error}`),
      );
      await delay(pauseMs);
    }
  }

  #fault(what: string): void {
    const atMs = performance.now();
    if (this.faults.length < MAX_FAULTS) this.faults.push({ what, atMs });
  }
}
