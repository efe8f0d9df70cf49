import type { ScenarioResult } from "./results-file.ts";
import { SPECIAL_SCENARIOS } from "./special/all.ts";

/** How tables and plots show a figure of a sample. */
export interface Metric {
  /** In results, with the unit in which it is there. */
  readonly name: string;
  /** With the unit in which it is shown. */
  readonly title: string;
  readonly digits: number;
  /** What a figure is divided by to be in that unit. */
  readonly unit: number;
  /** Whether the table shows how far it lies apart, and its ratios. */
  readonly isMain: boolean;
}

const METRICS: readonly Metric[] = [
  main("cpuMicrosPerRequest", "CPU µs/req", 1),
  main("userMicrosPerRequest", "user µs/req", 1),
  main("requestsPerSecond", "req/s", 0),
  main("bytesPerSecond", "MB/s", 0, 1e6),
  main("bytesPerConnection", "KiB/connection", 2, 1024),
  main("startMs", "start ms", 0),
  side("p50Ms", "p50 ms", 2),
  main("p99Ms", "p99 ms", 2),
  side("p999Ms", "p99.9 ms", 2),
  side("cpuPercent", "CPU %", 0),
  side("residentMib", "MiB", 0),
];

/** Of scenarios that describe their own. */
const SPECIAL = SPECIAL_SCENARIOS.flatMap(({ metrics }) =>
  metrics.map(({ name, title, digits }) => main(name, title, digits)),
);

/** One that nobody has described is shown by its name. */
export function metricOf(name: string): Metric {
  const known = [...METRICS, ...SPECIAL].find((one) => one.name === name);
  return known ?? side(name, name, 2);
}

/**
 * What a table shows of a result: what its scenario describes, or else all that
 * is known of at least one server, in the usual order.
 */
export function metricsOf({ scenario, medians }: ScenarioResult): Metric[] {
  const special = SPECIAL_SCENARIOS.find(({ name }) => name === scenario);
  if (special) return special.metrics.map(({ name }) => metricOf(name));
  const found = new Set(
    Object.values(medians).flatMap((spreads) => Object.keys(spreads)),
  );
  const known = METRICS.filter(({ name }) => found.delete(name));
  return [...known, ...[...found].map(metricOf)];
}

function main(name: string, title: string, digits: number, unit = 1): Metric {
  return { name, title, digits, unit, isMain: true };
}

function side(name: string, title: string, digits: number): Metric {
  return { name, title, digits, unit: 1, isMain: false };
}
