import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  Ledger,
  type LedgerTotals,
} from "../../../src/master/metrics/worker-totals.ts";
import { Histogram } from "../../../src/shared/metrics/histogram.ts";
import type { WorkerSnapshot } from "../../../src/shared/metrics/worker-snapshot.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { seriesOf, snapshotOf } from "./worker-reports.ts";

const users = { method: "GET", route: "/users/:id", status: 200 };
const missing = { method: "GET", route: "", status: 404 };

function countOf(totals: LedgerTotals, status: number): number {
  const found = totals.requests.find((series) => series.status === status);
  return found?.count ?? 0;
}

describe("the ledger", () => {
  it("adds up what the workers have counted", () => {
    const ledger = new Ledger();
    ledger.record(
      1,
      snapshotOf({
        requests: [seriesOf(users, [0.001, 3])],
        acceptedConnections: 2,
        requestBodyBytes: 10,
        responseBodyBytes: 100,
        parseErrors: { head: 1 },
        tlsHandshakeErrors: { timeout: 1 },
        proxyHeaderErrors: { checksum: 2 },
        requestsShed: { queue_full: 1 },
        rateLimited: { login: 1 },
        rateLimitStoreErrors: { redis: 5 },
        lostLogLines: 3,
        eventLoopDelay: seriesOf(users, [0.25]),
      }),
    );
    ledger.record(
      2,
      snapshotOf({
        requests: [seriesOf(users, [0.5]), seriesOf(missing, [0.25])],
        acceptedConnections: 3,
        requestBodyBytes: 1,
        responseBodyBytes: 1,
        parseErrors: { head: 2, target: 1 },
        tlsHandshakeErrors: { timeout: 2, other: 1 },
        proxyHeaderErrors: { checksum: 1, timeout: 1 },
        requestsShed: { queue_full: 7 },
        rateLimited: { login: 2, default: 4 },
        rateLimitStoreErrors: { redis: 1 },
        lostLogLines: 4,
        eventLoopDelay: seriesOf(users, [0.75, 1]),
      }),
    );
    const totals = ledger.totals();
    const { requests, parseErrors, eventLoopDelay } = totals;
    const seconds = [0.001, 3, 0.5];
    const expected = seriesOf(users, seconds);
    assert.deepEqual(
      requests.map(({ method, route, status, count, buckets }) => {
        return { method, route, status, count, buckets };
      }),
      [
        { ...users, count: 3, buckets: expected.buckets },
        { ...missing, count: 1, buckets: seriesOf(missing, [0.25]).buckets },
      ],
    );
    assert.equal(totals.acceptedConnections, 5);
    assert.equal(totals.requestBodyBytes, 11);
    assert.equal(totals.responseBodyBytes, 101);
    assert.deepEqual(Object.fromEntries(parseErrors), { head: 3, target: 1 });
    assert.deepEqual(Object.fromEntries(totals.tlsHandshakeErrors), {
      timeout: 3,
      other: 1,
    });
    assert.deepEqual(Object.fromEntries(totals.proxyHeaderErrors), {
      checksum: 3,
      timeout: 1,
    });
    assert.deepEqual(Object.fromEntries(totals.rateLimited), {
      login: 3,
      default: 4,
    });
    assert.equal(totals.requestsShed.get("queue_full"), 8);
    assert.equal(totals.rateLimitStoreErrors.get("redis"), 6);
    assert.equal(totals.lostLogLines, 7);
    assert.equal(eventLoopDelay?.count, 3);
    assert.equal(eventLoopDelay?.sum, 2);
  });

  it("has nothing before a worker has reported", () => {
    const { requests, requestBodyBytes, eventLoopDelay } =
      new Ledger().totals();
    assert.deepEqual(requests, []);
    assert.equal(requestBodyBytes, 0);
    assert.equal(eventLoopDelay, undefined);
  });

  it("takes the latest snapshot of a worker, not the sum of them", () => {
    const ledger = new Ledger();
    ledger.record(1, snapshotOf({ requests: [seriesOf(users, [1])] }));
    ledger.record(1, snapshotOf({ requests: [seriesOf(users, [1, 1])] }));
    assert.equal(countOf(ledger.totals(), 200), 2);
  });

  it("keeps series that a snapshot leaves out because they are as before", () => {
    const ledger = new Ledger();
    const requests = [seriesOf(users, [1]), seriesOf(missing, [1])];
    ledger.record(1, snapshotOf({ requests }));
    ledger.record(1, snapshotOf({ requests: [seriesOf(users, [1, 1])] }));
    assert.equal(countOf(ledger.totals(), 404), 1);
  });

  it("keeps the counts of a worker that left, once", () => {
    const ledger = new Ledger();
    const requests = [seriesOf(users, [1, 2])];
    ledger.record(1, snapshotOf({ requests, requestBodyBytes: 7 }));
    ledger.retire(1);
    ledger.retire(1);
    ledger.record(2, snapshotOf({ requests, requestBodyBytes: 1 }));
    const totals = ledger.totals();
    assert.equal(countOf(totals, 200), 4);
    assert.equal(totals.requestBodyBytes, 8);
  });

  it("does not mind a worker that left without a report", () => {
    const ledger = new Ledger();
    ledger.retire(1);
    assert.deepEqual(ledger.totals().requests, []);
  });

  it("gives the same totals however often it is asked", () => {
    const ledger = new Ledger();
    ledger.record(1, snapshotOf({ requests: [seriesOf(users, [1])] }));
    ledger.retire(1);
    ledger.record(2, snapshotOf({ requests: [seriesOf(users, [1])] }));
    assert.deepEqual(ledger.totals(), ledger.totals());
  });

  it("counts the requests of each live worker", () => {
    const ledger = new Ledger();
    const requests = [seriesOf(users, [1, 2]), seriesOf(missing, [1])];
    ledger.record(1, snapshotOf({ requests }));
    assert.equal(ledger.requestCountOf(1), 3);
    assert.equal(ledger.requestCountOf(2), 0);
    ledger.retire(1);
    assert.equal(ledger.requestCountOf(1), 0);
  });
});

const ROUTES = ["/", "/users/:id", ""] as const;
const STATUSES = [200, 404, 500] as const;

/** A worker that counts what chance wants, as a meter does. */
class CountingWorker {
  readonly id: number;
  readonly #series = new Map<string, Histogram>();
  readonly #changed = new Set<string>();
  #requestBodyBytes = 0;

  constructor(id: number) {
    this.id = id;
  }

  serve(random: () => number): void {
    const route = ROUTES[Math.floor(random() * ROUTES.length)] ?? "";
    const status = STATUSES[Math.floor(random() * STATUSES.length)] ?? 200;
    const key = `${status} ${route}`;
    const durations = this.#series.get(key) ?? new Histogram();
    this.#series.set(key, durations);
    durations.observe(12 * Math.sqrt(random()));
    this.#changed.add(key);
    this.#requestBodyBytes += Math.floor(random() * 1_000);
  }

  snapshot(): WorkerSnapshot {
    const requests = [...this.#changed].map((key) => {
      const [status = "", route = ""] = key.split(" ");
      const durations = this.#series.get(key) ?? new Histogram();
      const labels = { method: "GET", route, status: Number(status) };
      return { ...labels, ...durations.values() };
    });
    this.#changed.clear();
    const requestBodyBytes = this.#requestBodyBytes;
    const parseErrors = { head: requestBodyBytes };
    return snapshotOf({ requests, requestBodyBytes, parseErrors });
  }
}

/** All counters, by name. */
function countersOf(totals: LedgerTotals): Map<string, number> {
  const counters = new Map([["bytes", totals.requestBodyBytes]]);
  for (const [reason, count] of totals.parseErrors) {
    counters.set(`parse error ${reason}`, count);
  }
  for (const series of totals.requests) {
    const name = `${series.status} ${series.route}`;
    counters.set(`${name} count`, series.count);
    counters.set(`${name} sum`, series.sum);
    for (const [at, value] of series.buckets.entries()) {
      counters.set(`${name} bucket ${at}`, value);
    }
  }
  return counters;
}

describe("whatever happens to workers", () => {
  it("no counter falls, and at last none is wrong", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      const pick = (count: number) => Math.floor(random() * count);
      const ledger = new Ledger();
      let workers: CountingWorker[] = [];
      let lastId = 0;
      let served = 0;
      let known = new Map<string, number>();
      const retire = (worker: CountingWorker) => {
        ledger.record(worker.id, worker.snapshot());
        ledger.retire(worker.id);
        workers = workers.filter((other) => other !== worker);
      };
      for (let step = 0; step < 300; step++) {
        const worker = workers[pick(workers.length)];
        const chance = pick(10);
        if (!worker || workers.length < 4) {
          workers.push(new CountingWorker(++lastId));
        } else if (chance < 7) {
          worker.serve(random);
          served++;
        } else if (chance < 9) {
          ledger.record(worker.id, worker.snapshot());
        } else {
          ledger.record(worker.id, worker.snapshot());
          known = countersOf(ledger.totals());
          retire(worker);
        }
        const counters = countersOf(ledger.totals());
        for (const [name, before] of known) {
          const now = counters.get(name) ?? 0;
          const where = `seed ${seed}, step ${step}: ${name}`;
          assert.ok(now >= before, `${where} fell from ${before} to ${now}`);
        }
        known = counters;
      }
      for (const worker of workers) retire(worker);
      const { requests } = ledger.totals();
      const total = requests.reduce((sum, { count }) => sum + count, 0);
      assert.equal(total, served, `seed ${seed}`);
    }
  });
});

describe("a snapshot that says less than the one before", () => {
  it("makes no counter fall", () => {
    const ledger = new Ledger();
    const counted = {
      acceptedConnections: 2,
      requestBodyBytes: 10,
      parseErrors: { head: 3 },
      eventLoopDelay: seriesOf(users, [0.25]),
    };
    const requests = [seriesOf(users, [0.001, 3])];
    ledger.record(1, snapshotOf({ requests, ...counted }));
    const before = ledger.totals();
    ledger.record(
      1,
      snapshotOf({
        requests: [seriesOf(users, [])],
        parseErrors: { head: 0 },
      }),
    );
    assert.deepEqual(ledger.totals(), before);
  });
});
