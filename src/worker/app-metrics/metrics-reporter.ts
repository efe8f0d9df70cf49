/** Reports the metrics of the app to the master. */
import type { Settings } from "../../shared/config/settings.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import type { AppMetricsPush } from "../../shared/metrics/app-metrics.ts";
import { messageOf } from "../../shared/thrown-value.ts";
import { foundRegistries } from "./found-registries.ts";
import type { FoundRegistry, Metric, PlacedMetric } from "./metric-registry.ts";
import { isProcessMetric, processMetrics } from "./process-metrics.ts";
import {
  type Refusal,
  type RefusalReason,
  SeriesTable,
} from "./series-table.ts";

export interface MetricsReporterOptions {
  readonly settings: Settings["metrics"];
  readonly slot: number;
  readonly logger: Logger;
  /** Resolves when the push is on its way, or never will be. */
  readonly send: (push: AppMetricsPush) => Promise<void>;
  readonly onRefused: (reason: RefusalReason, count: number) => void;
}

const MESSAGES: Readonly<Record<RefusalReason, string>> = {
  name_taken: "a metric of the app is left out: another has its name",
  series_limit: "series of the app are left out: metrics.maxSeries",
  push_bytes: "series of the app are late: metrics.maxPushBytes",
  invalid: "a metric of the app is left out: Prometheus cannot have it",
};

const UNREADABLE = "metrics of the app could not be read";

/** Pushes that the last report may take. */
const MAX_LAST_PUSHES = 100;

export class MetricsReporter {
  readonly #options: MetricsReporterOptions;
  readonly #table: SeriesTable;
  /** Of the reading that is under way. */
  #reading: Promise<boolean> | undefined;
  #own: Promise<FoundRegistry> | undefined;
  /** Places of registries and reasons that a line was logged for. */
  readonly #logged = new Set<string>();

  constructor(options: MetricsReporterOptions) {
    this.#options = options;
    const { settings, slot } = options;
    const { maxSeries, maxPushBytes, perWorker } = settings;
    const labelled = new Set(perWorker);
    this.#table = new SeriesTable({
      ...{ maxSeries, maxPushBytes, slot },
      isPerWorker: ({ name, type }) => {
        // Quantiles of several workers cannot be combined.
        const isAlways = type === "summary" || isProcessMetric(name);
        return isAlways || labelled.has(name);
      },
      onRefused: (refusal) => this.#onRefused(refusal),
    });
  }

  /** Reads and sends the changes, unless that is under way. */
  push(): void {
    this.#reading ??= this.#readAndSend().finally(() => {
      this.#reading = undefined;
    });
  }

  /** Sends all that is left, within this time. */
  async flush(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#flushAll(), timeout]);
    clearTimeout(timer);
  }

  async #flushAll(): Promise<void> {
    await this.#reading;
    for (let sent = 0; sent < MAX_LAST_PUSHES; sent++) {
      const isComplete = await this.#readAndSend();
      if (isComplete) return;
    }
  }

  /** @returns whether the master knows all values now, or never will */
  async #readAndSend(): Promise<boolean> {
    try {
      return await this.#pushChanges();
    } catch (error) {
      const fields = { error: messageOf(error) };
      this.#logOnce("push", fields, UNREADABLE);
      return true;
    }
  }

  async #pushChanges(): Promise<boolean> {
    const metrics: PlacedMetric[] = [];
    let isWhole = true;
    for (const found of await this.#registries()) {
      const inRegistry = await this.#metricsIn(found);
      metrics.push(...(inRegistry ?? []));
      isWhole &&= inRegistry !== undefined;
    }
    const { push, isComplete } = this.#table.read(metrics, isWhole);
    // The next one waits until the master has taken this one.
    if (!isEmpty(push)) await this.#options.send(push);
    return isComplete;
  }

  async #registries(): Promise<readonly FoundRegistry[]> {
    const found = foundRegistries();
    if (!this.#options.settings.processMetrics) return found;
    this.#own ??= processMetrics();
    return [...found, await this.#own];
  }

  /** @returns undefined if the registry could not be read */
  async #metricsIn(
    found: FoundRegistry,
  ): Promise<readonly PlacedMetric[] | undefined> {
    const { registry, place, isFallback = false } = found;
    try {
      const metrics = await registry.getMetricsAsJSON();
      return metrics.map((metric) => {
        const labelNames = labelNamesOf(found, metric);
        return { metric, place, isFallback, labelNames };
      });
    } catch (error) {
      this.#logOnce(place, { place, error: messageOf(error) }, UNREADABLE);
      return undefined;
    }
  }

  #onRefused({ reason, count, fields }: Refusal): void {
    const { logger, onRefused } = this.#options;
    onRefused(reason, count);
    const isEach = reason === "name_taken" || reason === "invalid";
    if (isEach) logger.warn(fields, MESSAGES[reason]);
    else this.#logOnce(reason, fields, MESSAGES[reason]);
  }

  #logOnce(key: string, fields: object, text: string): void {
    if (this.#logged.has(key)) return;
    this.#logged.add(key);
    this.#options.logger.warn(fields, text);
  }
}

function labelNamesOf(
  { registry }: FoundRegistry,
  { name }: Metric,
): readonly string[] {
  const metric = registry.getSingleMetric?.(name);
  const { labelNames } = (metric ?? {}) as { labelNames?: unknown };
  return Array.isArray(labelNames) ? labelNames.map(String) : [];
}

function isEmpty(push: AppMetricsPush): boolean {
  return Object.values(push).every((part) => part.length === 0);
}
