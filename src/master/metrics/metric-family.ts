/** The JSON form in which prom-client takes metrics. */

export type Labels = Record<string, string | number>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly values: readonly Sample[];
  readonly aggregator: "sum";
}

export function family(
  type: MetricFamily["type"],
  { name, help }: Pick<MetricFamily, "name" | "help">,
  values: readonly Sample[],
): MetricFamily {
  return { name, help, type, values, aggregator: "sum" };
}
