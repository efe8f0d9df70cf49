import {
  type AppFamily,
  GAUGE_AGGREGATORS,
  type GaugeAggregator,
  METRIC_NAME,
  METRIC_TYPES,
} from "../../shared/metrics/app-metrics.ts";
import type { Metric, PlacedMetric } from "./metric-registry.ts";
import { isLabelName } from "./series-text.ts";

/** @returns undefined for a metric that Prometheus cannot have */
export function familyDefinition(
  placed: PlacedMetric,
  isPerWorker: boolean,
): AppFamily | undefined {
  const { metric } = placed;
  const { name, help = "" } = metric;
  const type = METRIC_TYPES.find((each) => each === metric.type);
  if (!type || typeof name !== "string" || !METRIC_NAME.test(name))
    return undefined;
  return {
    ...{ name, type, help: String(help) },
    aggregator: isPerWorker ? "newest" : aggregatorOf(metric),
    labelNames: labelNamesOf(placed, isPerWorker),
    bounds: boundsOf(metric),
  };
}

function aggregatorOf({ aggregator }: Metric): GaugeAggregator {
  return GAUGE_AGGREGATORS.find((each) => each === aggregator) ?? "sum";
}

function labelNamesOf(
  { metric, labelNames }: PlacedMetric,
  isPerWorker: boolean,
): readonly string[] {
  const names = new Set(labelNames.filter(isLabelName));
  const labels = Object.keys(metric.values?.[0]?.labels ?? {});
  for (const name of labels.filter(isLabelName)) names.add(name);
  if (isPerWorker) names.add("worker");
  for (const own of ["le", "quantile"]) names.delete(own);
  return [...names].sort();
}

/** The bounds of the first series: all have the same. */
function boundsOf({ name, values = [] }: Metric): readonly string[] {
  const bounds = new Set<string>();
  for (const { metricName, labels = {} } of values) {
    if (metricName !== `${name}_bucket`) break;
    bounds.add(String(labels.le));
  }
  return [...bounds];
}
