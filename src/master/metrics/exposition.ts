/** The text of `/metrics`, made at each scrape without asking a worker. */
import type { Registry } from "prom-client";
import type { Totals } from "../../shared/metrics/totals.ts";
import { type GaugeSources, gaugeFamilies } from "./gauge-families.ts";
import type { MetricFamily } from "./metric-family.ts";
import { totalFamilies } from "./total-families.ts";

export interface MetricSources extends GaugeSources {
  readonly totals: Totals;
}

/** Loaded late: a server starts without it. */
const formatter = () => import("prom-client");

/** Loads the formatter before the first scrape. */
export async function prepareExposition(): Promise<void> {
  await formatter();
}

export async function exposition(sources: MetricSources) {
  const { AggregatorRegistry } = await formatter();
  const registry: Registry = AggregatorRegistry.aggregate([
    metricFamilies(sources),
  ]);
  const body = await registry.metrics();
  return { status: 200, contentType: registry.contentType, body };
}

export function metricFamilies(sources: MetricSources): MetricFamily[] {
  return [...totalFamilies(sources.totals), ...gaugeFamilies(sources)];
}
