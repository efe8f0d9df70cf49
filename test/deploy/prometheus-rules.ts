import assert from "node:assert/strict";
import { readYaml } from "./deploy-file.ts";
import type { AdapterValues } from "./manifest-shapes.ts";

export interface Rules {
  readonly groups: readonly { name: string; rules: readonly Rule[] }[];
}

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: { readonly severity: string };
  readonly annotations?: { summary: string; runbook_url: string };
}

export async function readRules(): Promise<Rules> {
  const [rules] = await readYaml<Rules>("prometheus/rules.yml");
  assert.ok(rules);
  return rules;
}

/** What prometheus-adapter asks, with its templates filled in. */
export async function adapterQueries(): Promise<string[]> {
  const [values] = await readYaml<AdapterValues>(
    "kubernetes/prometheus-adapter.yaml",
  );
  const rules = values?.rules.custom ?? [];
  return rules.flatMap(({ seriesQuery, metricsQuery }) => {
    const [series = ""] = seriesQuery.split("{");
    const filled = metricsQuery
      .replaceAll("<<.Series>>", series)
      .replaceAll("<<.LabelMatchers>>", 'namespace="a",pod=~"b|c"')
      .replaceAll("<<.GroupBy>>", "pod");
    return [seriesQuery, filled];
  });
}
