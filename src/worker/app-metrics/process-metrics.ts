import type { FoundRegistry } from "./metric-registry.ts";

/**
 * The metrics of Node.js and of the process: `nodejs_*` and `process_*`. Those
 * that the app collects itself take their place.
 */
export async function processMetrics(): Promise<FoundRegistry> {
  const { collectDefaultMetrics, Registry } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return { registry, place: "metrics.processMetrics", isFallback: true };
}

/** Also with a prefix of the app. */
const NAME =
  /(?:^|_)(?:nodejs_(?:active|eventloop|external|gc|heap|version)|process_(?:cpu|heap|max_fds|open_fds|resident|start_time|virtual))/;

/** Whether `collectDefaultMetrics()` makes a metric of this name. */
export function isProcessMetric(name: string): boolean {
  return NAME.test(name);
}
