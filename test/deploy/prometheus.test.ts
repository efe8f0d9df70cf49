import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { before, describe, it } from "node:test";
import { anchorsOf } from "../support/markdown.ts";
import { loadSchema, packagesSkipReason } from "./checking-packages.ts";
import { queriesOf, readDashboard } from "./dashboard.ts";
import { deployFolder, readYaml } from "./deploy-file.ts";
import { adapterQueries, type Rules, readRules } from "./prometheus-rules.ts";
import { promtool, promtoolSkipReason } from "./promtool.ts";
import { schemaProblems } from "./schema-problems.ts";

const RUNBOOK = "docs/operations.md";

interface RuleTests {
  readonly tests: readonly {
    readonly name: string;
    readonly promql_expr_test: readonly {
      readonly exp_samples: readonly { readonly labels: string }[];
    }[];
  }[];
}

describe("promtool", { skip: promtoolSkipReason }, () => {
  it("accepts the scrape config, and the rules that it names", () => {
    assert.equal(promtool(["check", "config", "prometheus.yml"]), "");
  });

  it("accepts the rules", () => {
    assert.equal(promtool(["check", "rules", "rules.yml"]), "");
  });

  it("sees each alert fire where it must, and not where it nearly does", () => {
    assert.equal(promtool(["test", "rules", "rules.test.yml"]), "");
  });

  it("accepts all queries, and finds one that means nothing", {
    skip: packagesSkipReason,
  }, async () => {
    const queries = [
      ...queriesOf(readDashboard()),
      ...(await adapterQueries()),
    ];
    assert.equal(problemsOf(queries), "");
    assert.notEqual(problemsOf(["rate(server_workers)"]), "");
  });
});

describe("the alerts in deploy/prometheus", {
  skip: packagesSkipReason,
}, () => {
  let rules: Rules;
  before(async () => {
    rules = await readRules();
  });
  const alerts = () => {
    const all = rules.groups.flatMap((group) => group.rules);
    return all.filter(({ alert }) => alert !== undefined);
  };

  it("have a severity, a summary, and a heading in the runbook", () => {
    const page = path.resolve(deployFolder, "..", RUNBOOK);
    const anchors = anchorsOf(readFileSync(page, "utf8"));
    for (const { alert = "", labels, annotations } of alerts()) {
      assert.match(labels?.severity ?? "", /^(?:critical|warning)$/, alert);
      assert.ok(annotations?.summary, alert);
      const url = `${RUNBOOK}#${alert.toLowerCase()}`;
      assert.equal(annotations.runbook_url, url);
      assert.ok(anchors.includes(alert.toLowerCase()), url);
    }
  });

  it("are those that the runbook has", () => {
    const page = path.resolve(deployFolder, "..", RUNBOOK);
    const headings = readFileSync(page, "utf8").matchAll(/^### (Remuda\w+)$/gm);
    assert.deepEqual(
      alerts().map(({ alert }) => alert),
      [...headings].map(([, alert]) => alert),
    );
  });

  it("have the severity that the runbook says", () => {
    const page = path.resolve(deployFolder, "..", RUNBOOK);
    const text = readFileSync(page, "utf8");
    for (const { alert, labels } of alerts()) {
      const said = new RegExp(`^### ${alert}\n\n(\\w+)\\. `, "m").exec(text);
      assert.equal(said?.[1]?.toLowerCase(), labels?.severity, alert);
    }
  });

  it("have a test each, in which they do not fire and then do", async () => {
    const [file] = await readYaml<RuleTests>("prometheus/rules.test.yml");
    const tests = new Map(file?.tests.map((each) => [each.name, each]));
    for (const { alert = "" } of alerts()) {
      const looks = tests.get(alert)?.promql_expr_test ?? [];
      const firing = looks.map(({ exp_samples }) => {
        return exp_samples.some(({ labels }) => labels.includes(`"${alert}"`));
      });
      assert.deepEqual([...new Set(firing)], [false, true], alert);
    }
    assert.equal(tests.size, alerts().length);
  });

  it("are a PrometheusRule, as its schema demands", async () => {
    const schema = await loadSchema(
      "ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1PrometheusRule",
    );
    const manifest = {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: "remuda" },
      spec: rules,
    };
    assert.deepEqual(schemaProblems(schema, manifest), []);
  });
});

/** What promtool says of queries, each as a rule. */
function problemsOf(queries: readonly string[]): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-queries-"));
  try {
    const file = path.join(folder, "rules.json");
    const rules = queries.map((expr, at) => ({ record: `query:${at}`, expr }));
    const groups = [{ name: "queries", rules }];
    // JSON is YAML, too.
    writeFileSync(file, JSON.stringify({ groups }));
    return promtool(["check", "rules", file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
