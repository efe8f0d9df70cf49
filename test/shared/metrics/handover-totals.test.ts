import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  fromHandover,
  type HandoverTotals,
  handoverTotalsSchema,
  toHandover,
} from "../../../src/shared/metrics/handover-totals.ts";
import { Histogram } from "../../../src/shared/metrics/histogram.ts";
import { metricNames } from "../../../src/shared/metrics/metric-names.ts";
import { noTotals, type Totals } from "../../../src/shared/metrics/totals.ts";

const histogram = new Histogram();
histogram.observe(0.25);
const { count, sum, buckets } = histogram.values();
const values = { count, sum, buckets: [...buckets] };

/** Every figure that there is, counted. */
function allTotals(): Totals {
  const totals = noTotals();
  for (const name of Object.keys(metricNames.numbers)) {
    totals.numbers[name] = 2;
  }
  for (const name of Object.keys(metricNames.labelled)) {
    totals.labelled[name] = { one: 1 };
  }
  for (const name of Object.keys(metricNames.histograms)) {
    totals.histograms[name] = { "": values };
  }
  totals.histograms.requests = { "GET 200 /a b": values, "PUT 404 ": values };
  return totals;
}

function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

describe("totals that are handed over", () => {
  it("arrive as they were", () => {
    const message = plain(toHandover(allTotals()));
    const received = fromHandover(handoverTotalsSchema.parse(message));
    assert.deepEqual(plain(received), plain(allTotals()));
  });

  it("are where an earlier version looks for them", () => {
    const parts = toHandover(allTotals());
    const { counters, dispatcher, usage } = parts;
    assert.deepEqual(Object.keys(counters.labelled).sort(), [
      "reloads",
      "restarts",
      "upgrades",
    ]);
    assert.deepEqual(counters.numbers, { forcedCloses: 2 });
    assert.deepEqual(counters.histograms, { drains: values });
    assert.deepEqual(dispatcher.numbers, { redispatched: 2 });
    assert.deepEqual(usage.labelled, { cpuSeconds: { one: 1 } });
    assert.deepEqual(parts.ledger.histograms, { eventLoopDelay: values });
    assert.deepEqual(parts.ledger.requests, [
      { method: "GET", status: 200, route: "/a b", ...values },
      { method: "PUT", status: 404, route: "", ...values },
    ]);
  });

  it("of an earlier version are understood", () => {
    const part = { numbers: {}, labelled: {}, histograms: {}, requests: [] };
    const parts: HandoverTotals = {
      ledger: {
        numbers: { acceptedConnections: 1, lostLogLines: 2 },
        labelled: {
          connectionsDropped: { descriptors: 1, max_connections: 1 },
        },
        histograms: { eventLoopDelay: values },
        requests: [{ method: "GET", route: "/", status: 200, ...values }],
      },
      counters: {
        ...part,
        numbers: { forcedCloses: 1, lostLogLines: 3 },
        histograms: { drains: values },
      },
      dispatcher: {
        ...part,
        numbers: { accepted: 4, redispatched: 5 },
        labelled: { dropped: { descriptors: 1, stopped: 1 } },
      },
      usage: { ...part, labelled: { cpuSeconds: { 1: 0.5 } } },
    };
    assert.deepEqual(plain(fromHandover(parts)), {
      numbers: {
        acceptedConnections: 5,
        lostLogLines: 5,
        forcedCloses: 1,
        redispatched: 5,
      },
      labelled: {
        connectionsDropped: { descriptors: 2, max_connections: 1, stopped: 1 },
        cpuSeconds: { 1: 0.5 },
      },
      histograms: {
        requests: { "GET 200 /": values },
        eventLoopDelay: { "": values },
        drains: { "": values },
      },
    });
  });

  it("keep what only another version counts", () => {
    const part = { numbers: {}, labelled: {}, histograms: {}, requests: [] };
    const counters = { ...part, numbers: { another: 7 } };
    const parts = { ...toHandover(noTotals()), counters };
    assert.equal(toHandover(fromHandover(parts)).ledger.numbers.another, 7);
  });
});
