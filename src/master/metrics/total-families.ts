/** What `/metrics` shows of `Totals`: one family for each of `metricNames`. */
import {
  DURATION_BUCKETS,
  Histogram,
  type HistogramValues,
} from "../../shared/metrics/histogram.ts";
import {
  type LabelledMetric,
  metricNames,
} from "../../shared/metrics/metric-names.ts";
import { requestLabels } from "../../shared/metrics/request-labels.ts";
import type { Totals } from "../../shared/metrics/totals.ts";
import {
  family,
  type Labels,
  type MetricFamily,
  type Sample,
} from "./metric-family.ts";

const EMPTY_HISTOGRAM = new Histogram().values();

export function totalFamilies(totals: Totals): MetricFamily[] {
  return [
    ...histogramFamilies(totals),
    ...Object.entries(metricNames.numbers).map(([key, metric]) => {
      const value = totals.numbers[key] ?? 0;
      return family("counter", metric, [{ labels: {}, value }]);
    }),
    ...Object.entries(metricNames.labelled).map(([key, metric]) => {
      const samples = labelledSamples(metric, totals.labelled[key] ?? {});
      return family("counter", metric, samples);
    }),
  ];
}

function histogramFamilies({ histograms }: Totals): MetricFamily[] {
  const { requests, ...others } = metricNames.histograms;
  const series = Object.entries(histograms.requests ?? {});
  return [
    family(
      "histogram",
      requests,
      series.flatMap(([key, values]) => {
        return histogramSamples(requests.name, labelsOfRequests(key), values);
      }),
    ),
    ...Object.entries(others).map(([key, metric]) => {
      const values = histograms[key]?.[""] ?? EMPTY_HISTOGRAM;
      const samples = histogramSamples(metric.name, {}, values);
      return family("histogram", metric, samples);
    }),
  ];
}

/** Named by the OpenTelemetry conventions; no route has no label. */
function labelsOfRequests(key: string): Labels {
  const { method, status, route } = requestLabels(key);
  return {
    http_request_method: method,
    http_response_status_code: status,
    ...(route !== "" && { http_route: route }),
  };
}

/** Cumulative buckets, sum and count, as the exposition format requires. */
function histogramSamples(
  name: string,
  labels: Labels,
  { buckets, sum, count }: HistogramValues,
): Sample[] {
  let below = 0;
  const samples: Sample[] = buckets.map((inBucket, at) => {
    below += inBucket;
    const le = DURATION_BUCKETS[at] ?? "+Inf";
    const metricName = `${name}_bucket`;
    return { metricName, labels: { le, ...labels }, value: below };
  });
  samples.push({ metricName: `${name}_sum`, labels, value: sum });
  samples.push({ metricName: `${name}_count`, labels, value: count });
  return samples;
}

function labelledSamples(
  { label, values }: LabelledMetric,
  counts: Readonly<Record<string, number>>,
): Sample[] {
  const zeros = Object.fromEntries(values.map((value) => [value, 0]));
  return Object.entries({ ...zeros, ...counts }).map(([value, count]) => {
    return { labels: { [label]: value }, value: count };
  });
}
