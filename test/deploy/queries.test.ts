/**
 * Every query of the dashboard, the rules and prometheus-adapter asks for
 * metrics that a daemon has, by labels that they have.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { packagesSkipReason } from "./checking-packages.ts";
import { queriesOf, readDashboard } from "./dashboard.ts";
import { documentedMetrics } from "./documented-metrics.ts";
import { adapterQueries, readRules } from "./prometheus-rules.ts";
import { readQuery } from "./read-query.ts";

/** Those that Prometheus adds to all series of a target. */
const TARGET_LABELS = ["job", "instance", "namespace", "pod"];

after(stopAllDaemons);

describe("queries in deploy/", { skip: packagesSkipReason }, () => {
  /** What a sample may be called, and its labels; "up" is Prometheus's own. */
  const known = new Map<string, readonly string[]>([["up", []]]);
  before(async () => {
    const daemon = await startDaemon({ args: ["--workers", "1"] });
    const exposition = await daemon.metrics();
    await daemon.stop();
    const labelsOf = documentedMetrics();
    for (const [, name = "", type] of exposition.matchAll(
      /^# TYPE (\w+) (\w+)$/gm,
    )) {
      const labels = labelsOf.get(name) ?? [];
      if (type !== "histogram") known.set(name, labels);
      else {
        known.set(`${name}_bucket`, [...labels, "le"]);
        known.set(`${name}_sum`, labels);
        known.set(`${name}_count`, labels);
      }
    }
    for (const { record, expr } of await rules()) {
      if (record === undefined) continue;
      known.set(record, labelsKnownIn(await readQuery(expr)));
    }
  });

  const rules = async () => {
    const { groups } = await readRules();
    return groups.flatMap((group) => group.rules);
  };
  const labelsKnownIn = ({ metrics }: { metrics: readonly string[] }) => {
    return metrics.flatMap((name) => known.get(name) ?? []);
  };
  const mustBeKnown = async (queries: readonly string[]) => {
    assert.ok(queries.length > 0);
    for (const query of queries) {
      const names = await readQuery(query);
      for (const metric of names.metrics) {
        assert.ok(known.has(metric), `no metric ${metric}: ${query}`);
      }
      const labels = [...TARGET_LABELS, ...labelsKnownIn(names)];
      for (const label of names.labels) {
        assert.ok(labels.includes(label), `no label ${label}: ${query}`);
      }
    }
  };

  it("of the dashboard name metrics and labels that there are", async () => {
    await mustBeKnown(queriesOf(readDashboard()));
  });

  it("of the dashboard leave no metric out", async () => {
    const queries = queriesOf(readDashboard());
    const asked = await Promise.all(queries.map(readQuery));
    const names = asked.flatMap(({ metrics }) => metrics).join(" ");
    for (const metric of documentedMetrics().keys()) {
      assert.ok(names.includes(metric), metric);
    }
  });

  it("of the dashboard give the labels that legends show", async () => {
    const targets = readDashboard().panels.flatMap((panel) => panel.targets);
    for (const target of targets) {
      const { legendFormat = "", expr = "" } = target ?? {};
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)];
      if (shown.length === 0) continue;
      const names = await readQuery(expr.replaceAll("$__rate_interval", "5m"));
      // Where a query groups, by those alone.
      const isGrouped = /\bby \(/.test(expr);
      const kept = isGrouped ? names.labels : labelsKnownIn(names);
      for (const [, label = ""] of shown) {
        assert.ok([...TARGET_LABELS, ...kept].includes(label), expr);
      }
    }
  });

  it("of rules and alerts do", async () => {
    await mustBeKnown((await rules()).map(({ expr }) => expr));
  });

  it("of prometheus-adapter do", async () => {
    await mustBeKnown(await adapterQueries());
  });

  it("that name anything else would be found", async () => {
    const wrong = [
      "sum(rate(http_server_requests_total[5m]))",
      "server_eventloop_delay_seconds",
      'server_workers{worker="1"}',
      "sum by (le) (server_drain_duration_seconds_count)",
      "job:http_server_requests:rate1m",
    ];
    for (const query of wrong) {
      await assert.rejects(mustBeKnown([query]), /no (?:metric|label)/, query);
    }
    await assert.rejects(mustBeKnown(["sum(server_workers"]), /query/);
  });
});
