/** Parts of samples as the text format of Prometheus writes them. */
import { LABEL_NAME, seriesValue } from "../../shared/metrics/app-metrics.ts";
import type { Exemplar, Labels } from "./metric-registry.ts";

/** Seconds: later ones are no times, and may have an exponent. */
const MAX_TIMESTAMP = 1e15;

export function isLabelName(name: string): boolean {
  return LABEL_NAME.test(name);
}

/** `{queue="mail",le="0.5"}`; empty without labels. */
export function labelsText(labels: Labels, names: readonly string[]): string {
  if (names.length === 0) return "";
  const pairs = names.map((name) => `${name}="${escaped(labels[name])}"`);
  return `{${pairs.join(",")}}`;
}

function escaped(value: Labels[string]): string {
  const text = String(value);
  if (!/[\\\n"]/.test(text)) return text;
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll('"', '\\"');
}

/**
 * `{trace_id="4bf9"} 0.7 1700000000.1`, as OpenMetrics 1.0 has it.
 *
 * @returns undefined for what it cannot have
 */
export function exemplarText(exemplar: Exemplar): string | undefined {
  const { labelSet, value, timestamp } = exemplar;
  const isValid =
    Object.keys(labelSet ?? {}).every(isLabelName) &&
    typeof value === "number" &&
    timestamp >= 0 &&
    timestamp < MAX_TIMESTAMP;
  if (!isValid) return undefined;
  const labels =
    labelsText(labelSet ?? {}, Object.keys(labelSet ?? {})) || "{}";
  return `${labels} ${seriesValue(value)} ${timestamp}`;
}
