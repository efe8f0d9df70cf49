import { loadPromql } from "./checking-packages.ts";

export interface QueryNames {
  readonly metrics: readonly string[];
  /** Those that are matched and those that are grouped by. */
  readonly labels: readonly string[];
}

/** What Prometheus's own parser finds in a query; throws where it is none. */
export async function readQuery(query: string): Promise<QueryNames> {
  const { parser } = await loadPromql();
  const metrics = new Set<string>();
  const labels = new Set<string>();
  parser.parse(query).iterate({
    enter({ name, from, to, type }) {
      const text = query.slice(from, to);
      if (type.isError) throw new Error(`at ${from} of the query ${query}`);
      if (name === "Identifier") metrics.add(text);
      if (name === "LabelName") labels.add(text);
    },
  });
  return { metrics: [...metrics], labels: [...labels] };
}
