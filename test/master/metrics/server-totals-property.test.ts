/**
 * Counts of requests and connections, for any order of what workers and masters
 * do: no count falls, and only what killed workers had not pushed is missing.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ServerTotals } from "../../../src/master/metrics/server-totals.ts";
import type { WorkerHandle } from "../../../src/master/supervisor/workers/worker-handle.ts";
import { Counters } from "../../../src/shared/metrics/counters.ts";
import {
  type HandoverTotals,
  handoverTotalsSchema,
} from "../../../src/shared/metrics/handover-totals.ts";
import { histogramOf, quietReport, totalsOf } from "./worker-reports.ts";

const ROUTES = ["/", "/users/:id", "/__proto__"];

/** What may happen next; the numbers choose among whom there is. */
type Move =
  | { readonly type: "fork" }
  | { readonly type: "answer"; readonly of: number; readonly route: number }
  | { readonly type: "push"; readonly of: number }
  /** A worker leaves with its last word, or without. */
  | { readonly type: "leave"; readonly of: number }
  | { readonly type: "kill"; readonly of: number }
  | { readonly type: "upgrade" }
  /** The old master says once more what it has counted. */
  | { readonly type: "tell" }
  /** It has no workers any more, says it a last time, and leaves. */
  | { readonly type: "release" };

class SimulatedWorker {
  readonly id: number;
  /** Answers by route. */
  readonly answered = new Map<string, number>();
  pushed = 0;

  constructor(id: number) {
    this.id = id;
  }

  get total(): number {
    return [...this.answered.values()].reduce((sum, one) => sum + one, 0);
  }
}

class SimulatedMaster {
  readonly totals = new ServerTotals(new Counters());
  readonly workers: SimulatedWorker[] = [];

  push(worker: SimulatedWorker): void {
    const series = [...worker.answered].map(([route, count]) => {
      const seconds = Array.from({ length: count }, () => 0.25);
      return [`GET 200 ${route}`, histogramOf(...seconds)] as const;
    });
    const totals = totalsOf({
      numbers: { acceptedConnections: worker.total },
      requests: Object.fromEntries(series),
    });
    const report = { ...quietReport(), totals };
    this.totals.onReport(handleOf(worker), { type: "heartbeat", report });
    worker.pushed = worker.total;
  }

  remove(worker: SimulatedWorker): void {
    this.totals.onGone(handleOf(worker));
    this.workers.splice(this.workers.indexOf(worker), 1);
  }

  /** By route, and all connections. */
  get shown(): Map<string, number> {
    const { numbers, histograms } = this.totals.sum([]);
    const counts = new Map([["connections", numbers.acceptedConnections ?? 0]]);
    const { requests = {} } = histograms;
    for (const [key, { count }] of Object.entries(requests)) {
      counts.set(key, count);
    }
    return counts;
  }

  /** As it arrives at the next one. */
  get exported(): HandoverTotals {
    const text = JSON.stringify(this.totals.handover([]));
    return handoverTotalsSchema.parse(JSON.parse(text));
  }
}

function handleOf({ id }: SimulatedWorker): WorkerHandle {
  return {
    id,
    slot: 1,
    cpuSeconds: 0,
    recordStats() {},
  } as unknown as WorkerHandle;
}

class Play {
  #master = new SimulatedMaster();
  /** That has been upgraded and has not left. */
  #old: SimulatedMaster | undefined;
  #workerCount = 0;
  #answered = 0;
  #lost = 0;
  #shown = new Map<string, number>();

  make(move: Move): void {
    this.#act(move);
    const shown = this.#master.shown;
    for (const [name, before] of this.#shown) {
      const now = shown.get(name) ?? 0;
      assert.ok(now >= before, `${name}: ${before}, then ${now}`);
    }
    this.#shown = shown;
  }

  /** All workers leave; what is shown then. */
  end(): void {
    for (const master of [this.#old, this.#master]) {
      for (const worker of [...(master?.workers ?? [])]) {
        master?.push(worker);
        master?.remove(worker);
      }
    }
    this.make({ type: "release" });
    const { connections, ...routes } = Object.fromEntries(this.#master.shown);
    assert.equal(connections, this.#answered - this.#lost);
    const sum = [...this.#master.shown].reduce((total, [name, count]) => {
      return name === "connections" ? total : total + count;
    }, 0);
    assert.equal(sum, connections, JSON.stringify(routes));
  }

  #act(move: Move): void {
    switch (move.type) {
      case "fork":
        this.#master.workers.push(new SimulatedWorker(++this.#workerCount));
        break;
      case "answer":
        this.#with(move.of, (worker) => {
          const route = ROUTES[move.route % ROUTES.length] ?? "/";
          worker.answered.set(route, (worker.answered.get(route) ?? 0) + 1);
          this.#answered++;
        });
        break;
      case "push":
        this.#with(move.of, (worker, master) => master.push(worker));
        break;
      case "leave":
        this.#with(move.of, (worker, master) => {
          master.push(worker);
          master.remove(worker);
        });
        break;
      case "kill":
        this.#with(move.of, (worker, master) => {
          this.#lost += worker.total - worker.pushed;
          master.remove(worker);
        });
        break;
      case "upgrade":
        this.#upgrade();
        break;
      case "tell":
        if (this.#old) this.#master.totals.inherit(this.#old.exported);
        break;
      case "release":
        if (!this.#old || this.#old.workers.length > 0) return;
        this.#master.totals.inherit(this.#old.exported);
        this.#old = undefined;
        break;
      default:
        move satisfies never;
    }
  }

  /** One at a time; the next one has the numbers before it is asked. */
  #upgrade(): void {
    if (this.#old) return;
    this.#old = this.#master;
    this.#master = new SimulatedMaster();
    this.#master.totals.inherit(this.#old.exported);
  }

  #with(
    of: number,
    act: (worker: SimulatedWorker, master: SimulatedMaster) => void,
  ): void {
    const all = [this.#master, this.#old].flatMap((master) => {
      return (master?.workers ?? []).map((worker) => ({ worker, master }));
    });
    const { worker, master } = all[of % all.length] ?? {};
    if (worker && master) act(worker, master);
  }
}

const of = fc.nat({ max: 9 });
const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ type: "fork" } as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("answer" as const),
      of,
      route: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom("push", "leave", "kill"),
      of,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("upgrade", "tell", "release"),
    }),
  },
);

test("counts never fall, and lack only what killed workers had not pushed", () => {
  const plays = fc.array(moves, { maxLength: 60 });
  fc.assert(
    fc.property(plays, (all) => {
      const play = new Play();
      play.make({ type: "fork" });
      for (const move of all) play.make(move);
      play.end();
    }),
    { numRuns: 300 },
  );
});
