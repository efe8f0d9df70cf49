import { readDeployFile } from "./deploy-file.ts";

export interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: {
    readonly list: readonly { datasource: DataSource; expr: string }[];
  };
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  /** `label_values(selector, label)`. */
  readonly definition?: string;
  readonly query: string | { readonly query: string };
}

interface DataSource {
  readonly type: string;
  readonly uid: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { x: number; y: number; w: number; h: number };
  readonly datasource?: DataSource;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat?: string;
    readonly datasource: DataSource;
  }[];
}

export function readDashboard(): Dashboard {
  return JSON.parse(readDeployFile("grafana/remuda.json")) as Dashboard;
}

/** All queries as Prometheus gets them, once Grafana has put values in. */
export function queriesOf(dashboard: Dashboard): string[] {
  const selectors = dashboard.templating.list.flatMap(({ definition }) => {
    const asked = /^label_values\((.+), (\w+)\)$/.exec(definition ?? "");
    return asked ? [`count by (${asked[2]}) (${asked[1]})`] : [];
  });
  return [
    ...selectors,
    ...dashboard.annotations.list.map(({ expr }) => expr),
    ...dashboard.panels
      .flatMap(({ targets = [] }) => targets)
      .map(({ expr }) => expr),
  ].map((query) => query.replaceAll("$__rate_interval", "5m"));
}
