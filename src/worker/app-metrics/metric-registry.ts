/** The part of a registry of `prom-client` that Remuda reads. */
export interface MetricRegistry {
  getMetricsAsJSON(): Promise<readonly Metric[]> | readonly Metric[];
  /** With the names of labels also where there is no series. */
  getSingleMetric?(name: string): unknown;
}

export interface Metric {
  readonly name: string;
  readonly help: string;
  /** A text, although types of TypeScript have a number. */
  readonly type: unknown;
  readonly aggregator?: string;
  readonly values?: readonly MetricValue[];
}

export type Labels = Readonly<Record<string, string | number | undefined>>;

export interface MetricValue {
  readonly labels?: Labels;
  readonly value: number;
  /** Name of the sample, where it is not that of the metric. */
  readonly metricName?: string;
  readonly exemplar?: Exemplar | null;
}

export interface Exemplar {
  readonly labelSet: Labels;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly timestamp: number;
}

/** A registry and its place, for messages. */
export interface FoundRegistry {
  readonly registry: MetricRegistry;
  readonly place: string;
  /** Whether its metrics give way to others without a message. */
  readonly isFallback?: boolean;
}

export interface PlacedMetric {
  readonly metric: Metric;
  /** The registry, for messages. */
  readonly place: string;
  readonly isFallback: boolean;
  readonly labelNames: readonly string[];
}

export function isMetricRegistry(value: unknown): value is MetricRegistry {
  const { getMetricsAsJSON } = (value ?? {}) as Partial<MetricRegistry>;
  return typeof getMetricsAsJSON === "function";
}
