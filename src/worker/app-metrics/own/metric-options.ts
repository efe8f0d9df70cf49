import {
  type GaugeAggregator,
  LABEL_NAME,
  METRIC_NAME,
} from "../../../shared/metrics/app-metrics.ts";

/** Values of labels by their names. */
export type LabelValues<Name extends string> = Readonly<
  Record<Name, string | number>
>;

export interface MetricOptions<Name extends string> {
  /** Letters, digits, `_` and `:`; a counter's should end with `_total`. */
  readonly name: string;
  /** One line for people. */
  readonly help: string;
  /** Names of the labels; default: none. */
  readonly labelNames?: readonly Name[];
}

export interface GaugeOptions<Name extends string> extends MetricOptions<Name> {
  /**
   * How the values of the workers become one; "omit" leaves it out. Default:
   * "sum".
   */
  readonly aggregator?: Exclude<GaugeAggregator, "newest"> | "omit";
}

export interface HistogramOptions<Name extends string>
  extends MetricOptions<Name> {
  /**
   * Upper bounds of the buckets, rising; default: those of
   * `http_server_request_duration_seconds`, in seconds.
   */
  readonly buckets?: readonly number[];
}

const RESERVED = new Set(["le", "quantile", "worker"]);

/** @throws TypeError that says what is wrong, and with which metric */
export function checkMetricOptions(options: MetricOptions<string>): void {
  const { name, help, labelNames = [] } = options;
  if (typeof name !== "string" || !METRIC_NAME.test(name)) {
    const valid = "letters, digits, _ and :, not a digit first";
    throw new TypeError(`the name of a metric is ${valid}: ${String(name)}`);
  }
  if (typeof help !== "string" || help === "") {
    throw new TypeError(`metric ${name}: help is a line of text`);
  }
  const wrong = labelNames.find((label) => !LABEL_NAME.test(label));
  if (wrong !== undefined) {
    throw new TypeError(`metric ${name}: "${wrong}" cannot name a label`);
  }
  const reserved = labelNames.find((label) => RESERVED.has(label));
  if (reserved !== undefined) {
    throw new TypeError(`metric ${name}: the label "${reserved}" is reserved`);
  }
}
