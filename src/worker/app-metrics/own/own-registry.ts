import { registeredRegistries } from "../found-registries.ts";
import type { Metric, MetricRegistry } from "../metric-registry.ts";

interface OwnMetric {
  readonly name: string;
  read(): Metric;
}

/** The metrics of `counter()`, `gauge()` and `histogram()`. */
class OwnRegistry implements MetricRegistry {
  readonly #metrics = new Map<string, OwnMetric>();

  /** @throws Error if there is a metric of that name */
  add(metric: OwnMetric): void {
    const { name } = metric;
    if (this.#metrics.has(name)) {
      throw new Error(`there is a metric ${name} already`);
    }
    this.#metrics.set(name, metric);
    registeredRegistries().add(this);
  }

  getMetricsAsJSON(): readonly Metric[] {
    return [...this.#metrics.values()].map((metric) => metric.read());
  }
}

export const ownRegistry = new OwnRegistry();
