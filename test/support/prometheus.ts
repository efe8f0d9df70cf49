export interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y;

/** Parses the Prometheus text format; throws on an invalid line. */
export function parseMetrics(text: string): Metric[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(parseSample);
}

/** Sums the samples with that name whose labels include these. */
export function sumOf(
  metrics: readonly Metric[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels);
  return metrics
    .filter((metric) => metric.name === name)
    .filter(({ labels }) => wanted.every(([key, v]) => labels[key] === v))
    .reduce((sum, { value }) => sum + value, 0);
}

function parseSample(line: string): Metric {
  const [, name, labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw notASample(line);
  return { name, labels: parseLabels(labels, line), value: parseValue(value) };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw notASample(line);
    labels[name] = value.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
  }
  return labels;
}

function parseValue(text: string): number {
  const value = Number(text.replace(/Inf$/, "Infinity"));
  if (Number.isNaN(value) && text !== "NaN") throw notASample(text);
  return value;
}

function notASample(line: string): Error {
  return new Error(`not a Prometheus sample: ${JSON.stringify(line)}`);
}
