import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Counters } from "../../../src/master/metrics/counters.ts";
import { metricFamilies } from "../../../src/master/metrics/metric-families.ts";
import { Ledger } from "../../../src/master/metrics/worker-totals.ts";
import { Dispatcher } from "../../../src/master/sockets/dispatcher.ts";
import {
  MasterBook,
  type MasterFigures,
} from "../../../src/master/upgrade/inherited-totals.ts";
import { Histogram } from "../../../src/shared/metrics/histogram.ts";
import {
  type MasterTotals,
  masterTotalsSchema,
} from "../../../src/shared/metrics/master-totals.ts";
import { seriesOf, snapshotOf } from "../metrics/worker-reports.ts";

const users = { method: "GET", route: "/users/:id", status: 200 };
const missing = { method: "GET", route: "", status: 404 };

/** A master that counts by itself, after others or as the first. */
class CountingMaster {
  readonly ledger = new Ledger();
  readonly counters = new Counters();
  readonly book = new MasterBook();
  readonly dispatcher = new Dispatcher(10);
  readonly cpuSeconds = new Map<number, number>();

  get figures(): MasterFigures {
    const { counters, cpuSeconds } = this;
    const dispatcher = this.dispatcher.counts;
    const totals = this.ledger.totals();
    return { totals, counters, dispatcher, cpuSeconds };
  }

  get shown(): MasterFigures {
    return this.book.withPredecessors(this.figures);
  }

  /** As it arrives: read from JSON by who may be of another version. */
  get exported(): MasterTotals {
    const text = JSON.stringify(this.book.export(this.figures));
    return masterTotalsSchema.parse(JSON.parse(text));
  }
}

function busyMaster(): CountingMaster {
  const master = new CountingMaster();
  const delays = new Histogram();
  delays.observe(0.125);
  master.ledger.record(
    1,
    snapshotOf({
      requests: [seriesOf(users, [0.25, 3]), seriesOf(missing, [0.5])],
      acceptedConnections: 5,
      requestBodyBytes: 10,
      parseErrors: { head_timeout: 2 },
      eventLoopDelay: delays.values(),
    }),
  );
  master.counters.countRestart("crash");
  master.counters.countReload("success");
  master.counters.drains.observe(0.5);
  master.counters.forcedCloses = 3;
  master.dispatcher.countFailedAccept();
  master.cpuSeconds.set(1, 2);
  master.cpuSeconds.set(2, 0.5);
  return master;
}

/** Every figure of `/metrics` that only goes up. */
function cumulative(master: CountingMaster): Map<string, number> {
  const families = metricFamilies({
    ...master.shown,
    workers: [],
    workersWanted: 0,
    isDegraded: false,
    version: "1",
    now: 0,
  });
  const samples = families
    .filter(({ type }) => type !== "gauge")
    .flatMap(({ name, values }) => {
      return values.map(({ metricName, labels, value }) => {
        const key = `${metricName ?? name} ${JSON.stringify(labels)}`;
        return [key, value] as const;
      });
    });
  return new Map(samples);
}

describe("the book of a master", () => {
  it("shows its own figures where there was none before", () => {
    const master = busyMaster();
    const { totals, dispatcher, cpuSeconds } = master.shown;
    assert.deepEqual(totals, master.ledger.totals());
    assert.deepEqual(dispatcher, master.dispatcher.counts);
    assert.deepEqual(cpuSeconds, master.cpuSeconds);
  });

  it("shows all that a predecessor has counted, in each metric", () => {
    const old = busyMaster();
    const young = new CountingMaster();
    young.book.record(old.exported);
    assert.deepEqual(cumulative(young), cumulative(old));
  });

  it("adds its own to it", () => {
    const old = busyMaster();
    const young = busyMaster();
    young.book.record(old.exported);
    const [sums, once] = [cumulative(young), cumulative(old)];
    for (const [name, value] of once) {
      assert.equal(sums.get(name), 2 * value, name);
    }
  });

  it("counts once what the predecessor says twice", () => {
    const old = busyMaster();
    const young = new CountingMaster();
    young.book.record(old.exported);
    old.ledger.record(2, snapshotOf({ acceptedConnections: 4 }));
    young.book.record(old.exported);
    young.book.record(old.exported);
    assert.equal(young.shown.totals.acceptedConnections, 9);
  });

  it("keeps everything in a chain of upgrades", () => {
    let master = busyMaster();
    for (let upgrade = 0; upgrade < 3; upgrade++) {
      const next = busyMaster();
      next.book.record(master.exported);
      master = next;
    }
    const once = cumulative(busyMaster());
    for (const [name, value] of cumulative(master)) {
      assert.equal(value, 4 * (once.get(name) ?? 0), name);
    }
  });

  it("passes on what only an older version counted", () => {
    const exported = busyMaster().exported;
    exported.counters.numbers.oldName = 7;
    const young = new CountingMaster();
    young.book.record(exported);
    assert.equal(young.exported.counters.numbers.oldName, 7);
  });

  it("does not take for a count how many connections wait", () => {
    const old = new CountingMaster();
    old.dispatcher.offer({ close() {} }, 0);
    const young = new CountingMaster();
    young.book.record(old.exported);
    assert.equal(old.shown.dispatcher.waiting, 1);
    assert.equal(young.shown.dispatcher.waiting, 0);
    assert.equal(young.shown.dispatcher.accepted, 1);
  });
});
