import { registeredRegistries } from "./worker/app-metrics/found-registries.ts";
import {
  isMetricRegistry,
  type MetricRegistry,
} from "./worker/app-metrics/metric-registry.ts";

/** The app's metrics in the master's `/metrics`. */
export const metrics = {
  /**
   * Exports the metrics of a registry of `prom-client` that is not its default
   * one: default registries are found by themselves, unless the app is bundled
   * with `prom-client` in it.
   *
   * @throws TypeError for what is no registry
   */
  register(registry: MetricRegistry): void {
    if (!isMetricRegistry(registry)) {
      const text = "metrics.register() takes a Registry of prom-client";
      throw new TypeError(text);
    }
    registeredRegistries().add(registry);
  },
};
