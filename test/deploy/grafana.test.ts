import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Panel, readDashboard } from "./dashboard.ts";

const COLUMNS = 24;

describe("the dashboard in deploy/grafana", () => {
  const dashboard = readDashboard();
  const { panels, templating, annotations } = dashboard;
  const targets = panels.flatMap((panel) => panel.targets ?? []);

  it("has panels with a title and an id of their own", () => {
    const ids = panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const titles = panels.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length);
    for (const { type, title, targets: own = [] } of panels) {
      assert.equal(own.length > 0, type !== "row", title);
      const refs = own.map(({ refId }) => refId);
      assert.equal(new Set(refs).size, refs.length, title);
    }
  });

  it("has panels that lie in the grid, none over another", () => {
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0, title);
      assert.ok(x + w <= COLUMNS, title);
    }
    for (const [at, panel] of panels.entries()) {
      const over = panels
        .slice(at + 1)
        .filter((other) => overlap(panel, other));
      assert.deepEqual(over, [], panel.title);
    }
  });

  it("asks the data source that is chosen, and no other", () => {
    const sources = [...targets, ...annotations.list, ...panels]
      .filter((each) => !("type" in each && each.type === "row"))
      .map(({ datasource }) => datasource);
    for (const source of sources) {
      assert.equal(source?.type, "prometheus");
      assert.match(source.uid, /^\$\{datasource\}$/);
    }
    const chosen = templating.list.find(({ name }) => name === "datasource");
    assert.equal(chosen?.type, "datasource");
    assert.equal(chosen?.query, "prometheus");
  });

  it("asks only for the job and the instances that are chosen", () => {
    const queries = [...targets, ...annotations.list].map(({ expr }) => expr);
    for (const query of queries) {
      const selectors = query.match(/\{[^}]*\}/g) ?? [];
      assert.ok(selectors.length > 0, query);
      for (const selector of selectors) {
        assert.match(selector, /^\{job="\$job", instance=~"\$instance"/);
      }
    }
  });

  it("uses variables that it has, and those of Grafana", () => {
    const own = templating.list.map(({ name }) => name);
    const text = JSON.stringify(dashboard);
    for (const [, name = ""] of text.matchAll(/\$\{?(\w+)/g)) {
      assert.ok([...own, "__rate_interval"].includes(name), name);
    }
  });

  it("shows rates over an interval that Grafana chooses by its step", () => {
    for (const { expr } of targets) {
      if (!expr.includes("rate(")) continue;
      assert.match(expr, /\[\$__rate_interval\]/);
    }
  });

  it("marks reloads, upgrades and workers that failed", () => {
    const marked = annotations.list.map(({ expr }) => expr).join();
    for (const metric of ["reloads", "upgrades", "worker_restarts"]) {
      assert.ok(marked.includes(`server_${metric}_total`), metric);
    }
  });
});

function overlap({ gridPos: one }: Panel, { gridPos: other }: Panel) {
  const across = one.x < other.x + other.w && other.x < one.x + one.w;
  const down = one.y < other.y + other.h && other.y < one.y + one.h;
  return across && down;
}
