import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { requestReport } from "../../../src/master/admin/request-report.ts";
import { Histogram } from "../../../src/shared/metrics/histogram.ts";
import { requestKey } from "../../../src/shared/metrics/request-labels.ts";
import { noTotals, type Totals } from "../../../src/shared/metrics/totals.ts";

/** Totals of one request each. */
function totalsOf(...given: readonly [route: string, status: number][]) {
  const totals: Totals = noTotals();
  const requests: Totals["histograms"][string] = {};
  for (const [route, status] of given) {
    const histogram = new Histogram();
    histogram.observe(0.002);
    const key = requestKey({ method: "GET", status, route });
    requests[key] = histogram.values();
  }
  totals.histograms.requests = requests;
  return totals;
}

describe("the report on requests", () => {
  it("adds up methods and statuses, and counts those from 500 on", () => {
    const totals = totalsOf(["/a", 200], ["/a", 499], ["/a", 500], ["/b", 503]);
    const { total, routes } = requestReport(totals);
    assert.deepEqual([total.count, total.errors], [4, 2]);
    const [a, b] = routes;
    assert.deepEqual([a?.route, a?.count, a?.errors], ["/a", 3, 1]);
    assert.deepEqual([b?.route, b?.count, b?.errors], ["/b", 1, 1]);
    assert.equal(a?.buckets[2], 3, "of 2.5 ms at most");
  });

  it("has no requests at first, and no template for unknown paths", () => {
    const { total, routes } = requestReport(noTotals());
    assert.deepEqual([total.count, routes], [0, []]);
    const unknown = requestReport(totalsOf(["", 404]));
    assert.equal(unknown.routes[0]?.route, null);
  });

  it("is bounded, though a server has many routes", () => {
    const given = Array.from({ length: 1_200 }, (_, at) => {
      return [`/${at}`, 200] as [string, number];
    });
    const { total, routes } = requestReport(totalsOf(...given));
    assert.deepEqual([total.count, routes.length], [1_200, 1_000]);
  });
});
