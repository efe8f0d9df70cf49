import type { Registry } from "prom-client";
import { type MetricSources, metricFamilies } from "./metric-families.ts";

/** The formatter; a server starts without it. */
const formatter = () => import("prom-client");

/** Loads what the first `/metrics` would wait for. */
export async function prepareExposition(): Promise<void> {
  await formatter();
}

/** What `/metrics` answers; the sums are made already. */
export async function exposition(sources: MetricSources) {
  const { AggregatorRegistry } = await formatter();
  const registry: Registry = AggregatorRegistry.aggregate([
    metricFamilies(sources),
  ]);
  const body = await registry.metrics();
  return { status: 200, contentType: registry.contentType, body };
}
