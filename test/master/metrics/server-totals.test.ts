import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { metricFamilies } from "../../../src/master/metrics/exposition.ts";
import { ServerTotals } from "../../../src/master/metrics/server-totals.ts";
import { Dispatcher } from "../../../src/master/sockets/dispatcher.ts";
import type { WorkerHandle } from "../../../src/master/supervisor/workers/worker-handle.ts";
import { Counters } from "../../../src/shared/metrics/counters.ts";
import {
  type HandoverTotals,
  handoverTotalsSchema,
} from "../../../src/shared/metrics/handover-totals.ts";
import type { Totals } from "../../../src/shared/metrics/totals.ts";
import {
  histogramOf,
  quietReport,
  seriesOf,
  totalsOf,
} from "./worker-reports.ts";

const users = { method: "GET", route: "/users/:id", status: 200 };
const missing = { method: "GET", route: "", status: 404 };

/** A master that counts by itself, after others or as the first. */
class CountingMaster {
  readonly counters = new Counters();
  readonly dispatcher = new Dispatcher({
    counters: this.counters,
    maxWaiting: 10,
  });
  readonly totals = new ServerTotals(this.counters);
  readonly workers: WorkerHandle[] = [];

  worker(slot: number, cpuSeconds: number): WorkerHandle {
    const id = this.workers.length + 1;
    const figures = { id, slot, cpuSeconds, recordStats() {} };
    const worker = figures as unknown as WorkerHandle;
    this.workers.push(worker);
    return worker;
  }

  report(worker: WorkerHandle, totals: Totals): void {
    const report = { ...quietReport(), totals };
    this.totals.onReport(worker, { type: "heartbeat", report });
  }

  retire(worker: WorkerHandle): void {
    this.workers.splice(this.workers.indexOf(worker), 1);
    this.totals.onGone(worker);
  }

  get shown(): Totals {
    return this.totals.sum(this.workers);
  }

  /** As it arrives: read from JSON by one that may be of another version. */
  get exported(): HandoverTotals {
    const text = JSON.stringify(this.totals.handover(this.workers));
    return handoverTotalsSchema.parse(JSON.parse(text));
  }
}

function busyMaster(): CountingMaster {
  const master = new CountingMaster();
  const worker = master.worker(1, 1.5);
  master.report(
    worker,
    totalsOf({
      numbers: {
        acceptedConnections: 5,
        requestBodyBytes: 10,
        forcedCloses: 3,
      },
      labelled: {
        parseErrors: { head_timeout: 2 },
        connectionsDropped: { accept_failed: 1 },
      },
      requests: {
        ...seriesOf(users, [0.25, 3]),
        ...seriesOf(missing, [0.5]),
      },
      eventLoopDelay: histogramOf(0.125),
    }),
  );
  master.retire(worker);
  master.worker(1, 0.5);
  master.worker(2, 0.5);
  const { counters } = master;
  counters.count("restarts", "crash");
  counters.count("reloads", "success");
  counters.count("upgrades", "refused");
  counters.observe("drains", 0.5);
  master.dispatcher.countFailedAccept();
  return master;
}

/** Every figure of `/metrics` that only goes up. */
function cumulative(master: CountingMaster): Map<string, number> {
  const families = metricFamilies({
    totals: master.shown,
    workers: [],
    workersWanted: 0,
    isDegraded: false,
    isLastConfigGood: true,
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

describe("the totals of a server", () => {
  it("are those of its workers, the dispatcher and the master", () => {
    const { numbers, labelled, histograms } = busyMaster().shown;
    assert.equal(numbers.acceptedConnections, 5);
    assert.equal(numbers.forcedCloses, 3);
    assert.equal(labelled.connectionsDropped?.accept_failed, 2);
    assert.equal(labelled.restarts?.crash, 1);
    assert.deepEqual({ ...labelled.cpuSeconds }, { 1: 2, 2: 0.5 });
    assert.equal(histograms.requests?.["GET 200 /users/:id"]?.count, 2);
    assert.equal(histograms.drains?.[""]?.sum, 0.5);
  });

  it("show all that an outgoing master has counted, in each metric", () => {
    const outgoing = busyMaster();
    const incoming = new CountingMaster();
    incoming.totals.inherit(outgoing.exported);
    assert.deepEqual(cumulative(incoming), cumulative(outgoing));
  });

  it("add their own to it", () => {
    const outgoing = busyMaster();
    const incoming = busyMaster();
    incoming.totals.inherit(outgoing.exported);
    const [sums, once] = [cumulative(incoming), cumulative(outgoing)];
    for (const [name, value] of once) {
      assert.equal(sums.get(name), 2 * value, name);
    }
  });

  it("count once what the outgoing master reports twice", () => {
    const outgoing = busyMaster();
    const incoming = new CountingMaster();
    incoming.totals.inherit(outgoing.exported);
    const numbers = { acceptedConnections: 4 };
    outgoing.report(outgoing.worker(3, 0), totalsOf({ numbers }));
    incoming.totals.inherit(outgoing.exported);
    incoming.totals.inherit(outgoing.exported);
    assert.equal(incoming.shown.numbers.acceptedConnections, 9);
  });

  it("keep everything in a chain of upgrades", () => {
    let master = busyMaster();
    for (let upgrade = 0; upgrade < 3; upgrade++) {
      const next = busyMaster();
      next.totals.inherit(master.exported);
      master = next;
    }
    const once = cumulative(busyMaster());
    for (const [name, value] of cumulative(master)) {
      assert.equal(value, 4 * (once.get(name) ?? 0), name);
    }
  });

  it("pass on what only an older version counted", () => {
    const exported = busyMaster().exported;
    exported.counters.numbers.oldName = 7;
    const incoming = new CountingMaster();
    incoming.totals.inherit(exported);
    assert.equal(incoming.shown.numbers.oldName, 7);
    assert.equal(incoming.exported.ledger.numbers.oldName, 7);
  });

  it("do not take for a count how many connections wait", () => {
    const outgoing = new CountingMaster();
    outgoing.dispatcher.offer({ close() {} }, 0);
    const incoming = new CountingMaster();
    incoming.totals.inherit(outgoing.exported);
    assert.deepEqual(
      { ...incoming.shown.numbers },
      { acceptedConnections: 1, lostLogLines: 0 },
    );
  });
});
