import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WorkerTotals } from "../../../src/master/metrics/server-totals.ts";
import {
  Histogram,
  type HistogramValues,
} from "../../../src/shared/metrics/histogram.ts";
import { requestKey } from "../../../src/shared/metrics/request-labels.ts";
import type { Totals } from "../../../src/shared/metrics/totals.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { histogramOf, seriesOf, totalsOf } from "./worker-reports.ts";

const users = { method: "GET", route: "/users/:id", status: 200 };
const missing = { method: "GET", route: "", status: 404 };

function countOf({ histograms }: Totals, status: number): number {
  const found = Object.entries(histograms.requests ?? {}).find(([key]) => {
    return key.includes(` ${status} `);
  });
  return found?.[1].count ?? 0;
}

describe("the totals of workers", () => {
  it("add up what the workers have counted", () => {
    const totals = new WorkerTotals();
    totals.record(
      1,
      totalsOf({
        numbers: { acceptedConnections: 2, requestBodyBytes: 10 },
        labelled: { parseErrors: { head: 1 }, rateLimited: { login: 1 } },
        requests: seriesOf(users, [0.001, 3]),
        eventLoopDelay: histogramOf(0.25),
      }),
    );
    totals.record(
      2,
      totalsOf({
        numbers: { acceptedConnections: 3, responseBodyBytes: 1 },
        labelled: { parseErrors: { head: 2, target: 1 } },
        requests: { ...seriesOf(users, [0.5]), ...seriesOf(missing, [0.25]) },
        eventLoopDelay: histogramOf(0.75, 1),
      }),
    );
    const expected = totalsOf({
      numbers: {
        acceptedConnections: 5,
        requestBodyBytes: 10,
        responseBodyBytes: 1,
      },
      labelled: {
        parseErrors: { head: 3, target: 1 },
        rateLimited: { login: 1 },
      },
      requests: {
        ...seriesOf(users, [0.001, 0.5, 3]),
        ...seriesOf(missing, [0.25]),
      },
      eventLoopDelay: histogramOf(0.25, 0.75, 1),
    });
    assert.deepEqual(totals.sum(), expected);
  });

  it("are empty before a worker has reported", () => {
    assert.deepEqual(new WorkerTotals().sum(), totalsOf({}));
  });

  it("takes the latest snapshot of a worker, not the sum of them", () => {
    const totals = new WorkerTotals();
    totals.record(1, totalsOf({ requests: seriesOf(users, [1]) }));
    totals.record(1, totalsOf({ requests: seriesOf(users, [1, 1]) }));
    assert.equal(countOf(totals.sum(), 200), 2);
  });

  it("keeps series that a snapshot leaves out because they are as before", () => {
    const totals = new WorkerTotals();
    const requests = { ...seriesOf(users, [1]), ...seriesOf(missing, [1]) };
    totals.record(1, totalsOf({ requests }));
    totals.record(1, totalsOf({ requests: seriesOf(users, [1, 1]) }));
    assert.equal(countOf(totals.sum(), 404), 1);
  });

  it("keeps the counts of a worker that left, once", () => {
    const totals = new WorkerTotals();
    const requests = seriesOf(users, [1, 2]);
    totals.record(1, totalsOf({ requests, numbers: { requestBodyBytes: 7 } }));
    totals.retire(1);
    totals.retire(1);
    totals.record(2, totalsOf({ requests, numbers: { requestBodyBytes: 1 } }));
    const sum = totals.sum();
    assert.equal(countOf(sum, 200), 4);
    assert.equal(sum.numbers.requestBodyBytes, 8);
  });

  it("does not mind a worker that left without a report", () => {
    const totals = new WorkerTotals();
    totals.retire(1);
    assert.deepEqual(totals.sum(), totalsOf({}));
  });

  it("gives the same totals however often it is asked", () => {
    const totals = new WorkerTotals();
    totals.record(1, totalsOf({ requests: seriesOf(users, [1]) }));
    totals.retire(1);
    totals.record(2, totalsOf({ requests: seriesOf(users, [1]) }));
    assert.deepEqual(totals.sum(), totals.sum());
  });

  it("counts the requests of each live worker", () => {
    const totals = new WorkerTotals();
    const requests = { ...seriesOf(users, [1, 2]), ...seriesOf(missing, [1]) };
    totals.record(1, totalsOf({ requests }));
    assert.equal(totals.requestCountOf(1), 3);
    assert.equal(totals.requestCountOf(2), 0);
    totals.retire(1);
    assert.equal(totals.requestCountOf(1), 0);
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
    const key = requestKey({ method: "GET", status, route });
    const durations = this.#series.get(key) ?? new Histogram();
    this.#series.set(key, durations);
    durations.observe(12 * Math.sqrt(random()));
    this.#changed.add(key);
    this.#requestBodyBytes += Math.floor(random() * 1_000);
  }

  snapshot(): Totals {
    const requests: Record<string, HistogramValues> = {};
    for (const key of this.#changed) {
      const durations = this.#series.get(key) ?? new Histogram();
      requests[key] = durations.values();
    }
    this.#changed.clear();
    const requestBodyBytes = this.#requestBodyBytes;
    const labelled = { parseErrors: { head: requestBodyBytes } };
    return totalsOf({ requests, numbers: { requestBodyBytes }, labelled });
  }
}

/** All counters, by name. */
function countersOf({ numbers, labelled, histograms }: Totals) {
  const counters = new Map(Object.entries(numbers));
  for (const [reason, count] of Object.entries(labelled.parseErrors ?? {})) {
    counters.set(`parse error ${reason}`, count);
  }
  for (const [name, one] of Object.entries(histograms.requests ?? {})) {
    counters.set(`${name} count`, one.count);
    counters.set(`${name} sum`, one.sum);
    for (const [at, value] of one.buckets.entries()) {
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
      const totals = new WorkerTotals();
      let workers: CountingWorker[] = [];
      let lastId = 0;
      let served = 0;
      let known = new Map<string, number>();
      const retire = (worker: CountingWorker) => {
        totals.record(worker.id, worker.snapshot());
        totals.retire(worker.id);
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
          totals.record(worker.id, worker.snapshot());
        } else {
          totals.record(worker.id, worker.snapshot());
          known = countersOf(totals.sum());
          retire(worker);
        }
        const counters = countersOf(totals.sum());
        for (const [name, before] of known) {
          const now = counters.get(name) ?? 0;
          const where = `seed ${seed}, step ${step}: ${name}`;
          assert.ok(now >= before, `${where} fell from ${before} to ${now}`);
        }
        known = counters;
      }
      for (const worker of workers) retire(worker);
      const requests = Object.values(totals.sum().histograms.requests ?? {});
      const total = requests.reduce((sum, { count }) => sum + count, 0);
      assert.equal(total, served, `seed ${seed}`);
    }
  });
});

describe("a snapshot that says less than the one before", () => {
  it("makes no counter fall", () => {
    const totals = new WorkerTotals();
    totals.record(
      1,
      totalsOf({
        numbers: { acceptedConnections: 2, requestBodyBytes: 10 },
        labelled: { parseErrors: { head: 3 } },
        requests: seriesOf(users, [0.001, 3]),
        eventLoopDelay: histogramOf(0.25),
      }),
    );
    const before = totals.sum();
    totals.record(
      1,
      totalsOf({
        numbers: { acceptedConnections: 1 },
        labelled: { parseErrors: { head: 0 } },
        requests: seriesOf(users, []),
      }),
    );
    assert.deepEqual(totals.sum(), before);
  });
});
