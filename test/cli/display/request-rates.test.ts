import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  quantile,
  requestRates,
} from "../../../src/cli/display/request-rates.ts";
import {
  requestsText,
  routeLines,
} from "../../../src/cli/display/request-text.ts";
import { statusText } from "../../../src/cli/display/status-text.ts";
import { workerRates } from "../../../src/cli/display/worker-rates.ts";
import type { RequestReport } from "../../../src/master/admin/request-report.ts";
import { aStatus } from "./a-status.ts";

const BOUNDS = [0.001, 0.01, 0.1];

type Route = readonly [
  name: string | null,
  buckets: readonly number[],
  errors?: number,
];

/** A report with these routes. */
function reportOf(...given: readonly Route[]): RequestReport {
  const routes = given.map(([route, buckets, errors = 0]) => {
    const count = buckets.reduce((sum, each) => sum + each, 0);
    return { route, count, errors, buckets };
  });
  const total = routes.reduce(
    (sum, { count, errors, buckets }) => ({
      count: sum.count + count,
      errors: sum.errors + errors,
      buckets: sum.buckets.map((each, at) => each + (buckets[at] ?? 0)),
    }),
    { count: 0, errors: 0, buckets: [0, 0, 0, 0] },
  );
  return { bucketSeconds: BOUNDS, total, routes };
}

const NOTHING = reportOf();

describe("the rates of requests", () => {
  it("are those between two readings", () => {
    const before = reportOf(["/a", [100, 0, 0, 0]], ["/b", [5, 0, 0, 0]]);
    const now = reportOf(["/a", [100, 30, 0, 0], 3], ["/b", [65, 0, 0, 0]]);
    const { total, routes } = requestRates(before, now, 2);
    assert.equal(total.perSecond, 45);
    assert.equal(total.errorShare, 3 / 90);
    const seen = routes.map(({ route, perSecond }) => [route, perSecond]);
    assert.deepEqual(seen, [
      ["/b", 30],
      ["/a", 15],
    ]);
  });

  it("leave out routes without requests meanwhile", () => {
    const before = reportOf(["/a", [9, 0, 0, 0]]);
    const now = reportOf(["/a", [9, 0, 0, 0]], ["/new", [1, 0, 0, 0]]);
    const { routes } = requestRates(before, now, 1);
    assert.deepEqual(
      routes.map(({ route }) => route),
      ["/new"],
    );
  });

  it("begin at zero with another daemon, whose counts are lower", () => {
    const before = reportOf(["/a", [900, 0, 0, 0], 90]);
    const now = reportOf(["/a", [0, 10, 0, 0], 1]);
    const { total } = requestRates(before, now, 1);
    assert.deepEqual([total.perSecond, total.errorShare], [10, 0.1]);
  });
});

describe("a quantile of a histogram", () => {
  it("is interpolated in its bucket, as Prometheus does", () => {
    const msOf = (share: number, buckets: readonly number[]) => {
      return Number(
        ((quantile(share, buckets, BOUNDS) ?? 0) * 1000).toFixed(6),
      );
    };
    assert.equal(msOf(0.5, [10, 0, 0, 0]), 0.5);
    assert.equal(msOf(0.5, [0, 10, 0, 0]), 5.5);
    assert.equal(msOf(0.9, [50, 50, 0, 0]), 8.2);
    assert.equal(msOf(1, [1, 0, 0, 0]), 1);
  });

  it("is not known above the largest bound, or of nothing", () => {
    assert.equal(quantile(0.99, [1, 0, 0, 99], BOUNDS), Infinity);
    assert.equal(quantile(0.99, [0, 0, 0, 0], BOUNDS), undefined);
  });
});

describe("the rates of requests as text", () => {
  it("are one line for all requests", () => {
    const now = reportOf(["/", [1, 998, 0, 1], 4]);
    assert.equal(
      requestsText(requestRates(NOTHING, now, 1)),
      "1 000/s, p50 5.5 ms, p99 9.9 ms, 0.4 % errors",
    );
    assert.equal(
      requestsText(requestRates(now, now, 1)),
      "0/s, p50 -, p99 -, - errors",
    );
  });

  it("have a row for each of the five busiest routes", () => {
    const given = Array.from({ length: 9 }, (_, at): Route => {
      return [`/${at}`, [at, 0, 0, 0]];
    });
    const rates = requestRates(NOTHING, reportOf(...given), 1);
    const [titles, ...rows] = routeLines(rates, Infinity);
    assert.match(titles ?? "", /^REQ\/S +P50 +P99 +ERRORS +ROUTE$/);
    const routes = rows.map((row) => row.trim().split(/ +/).at(-1));
    assert.deepEqual(routes, ["/8", "/7", "/6", "/5", "/4"]);
  });

  it("name requests that no route matched", () => {
    const rates = requestRates(NOTHING, reportOf([null, [1, 0, 0, 0]]), 1);
    assert.match(routeLines(rates, Infinity)[1] ?? "", /\(no route\)$/);
  });

  it("keep the rate and the route where there is little room", () => {
    const rates = requestRates(NOTHING, reportOf(["/a", [9, 0, 0, 0]]), 1);
    assert.match(routeLines(rates, 20)[0] ?? "", /^REQ\/S +P99 +ROUTE$/);
    assert.match(routeLines(rates, 1)[0] ?? "", /^REQ\/S +ROUTE$/);
  });
});

describe("the status in a narrow terminal", () => {
  const status = aStatus();
  const workers = workerRates(status, status, 1);
  const requests = requestRates(NOTHING, reportOf(["/a", [9, 0, 0, 0]]), 1);

  for (const columns of [120, 80, 60, 40, 20]) {
    it(`of ${columns} columns keeps the most important ones`, () => {
      const text = statusText(status, { ...workers, requests }, columns);
      const tables = text.split("\n\n").slice(1).join("\n").split("\n");
      const wide = tables.filter((line) => line.length > columns);
      assert.deepEqual(wide, []);
      assert.match(text, /^SLOT .*REQ\/S/m);
    });
  }

  it("says what it leaves out in a wide one", () => {
    const text = statusText(status, { ...workers, requests }, 200);
    for (const title of ["PID", "UP", "CONNS", "REQUESTS", "LOOP", "HEARD"]) {
      assert.match(text, new RegExp(` ${title} `));
    }
  });
});
