import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WorkerView } from "../../../src/master/supervisor/workers/worker-state.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import {
  EVENTS,
  MAX_SURGE,
  MAX_TARGET,
  PoolSimulation,
  type SimulatedEvent,
} from "./workers/worker-pool-simulation.ts";

const SEEDS = 150;
const EVENTS_PER_SEED = 200;

interface Run {
  readonly pool: PoolSimulation;
  readonly target: number;
  /** Completes a message: where it went wrong. */
  readonly where: () => string;
}

/** Runs random events in many pools; `check` is called after each. */
function simulate(
  events: readonly SimulatedEvent[],
  prepare: (run: Run) => void,
  check: (run: Run) => void,
): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const target = 1 + Math.floor(random() * 4);
    const pool = new PoolSimulation(target, random);
    const past: string[] = [];
    const where = () => `seed ${seed}, after ${past.slice(-12).join(" ")}`;
    const run = { pool, target, where };
    prepare(run);
    for (let count = 0; count < EVENTS_PER_SEED; count++) {
      const event = events[Math.floor(random() * events.length)];
      assert.ok(event);
      past.push(event);
      pool.happen(event);
      check(run);
    }
  }
}

function slotsOf(workers: readonly WorkerView[]): Set<number> {
  const ready = workers.filter(({ state }) => state === "ready");
  return new Set(ready.map(({ slot }) => slot));
}

/** Those that start beside a ready one, but for a canary. */
function replacing({ pool }: Run): WorkerView[] {
  const served = slotsOf(pool.in("ready"));
  return pool.in("starting").filter(({ slot, generation }) => {
    return served.has(slot) && generation !== pool.goal.canary;
  });
}

/** Enough for any roll, the return from it, and the waits between. */
function roundsFor(target: number): number {
  return 3 * target + 10;
}

describe("reconciling a pool to which anything may happen", () => {
  it("never takes the last ready worker of a slot", () => {
    const prepare = ({ pool, where }: Run) => {
      pool.workersOfReload = () => 1 + (pool.forkCount % 5);
      pool.onSteps = (before, after) => {
        const left = slotsOf(after);
        for (const slot of slotsOf(before)) {
          const isWanted = slot <= pool.goal.target;
          assert.ok(!isWanted || left.has(slot), `slot ${slot}: ${where()}`);
        }
      };
    };
    simulate(EVENTS, prepare, () => {});
  });

  it("replaces no more workers at a time than the surge", () => {
    const check = (run: Run) => {
      const { pool, where } = run;
      const beside = replacing(run).length;
      // A later reload may ask for less than what is under way.
      const most = pool.generations.rollout ? MAX_SURGE : pool.goal.surge;
      assert.ok(beside <= (most ?? 1), where());
    };
    simulate(EVENTS, () => {}, check);
  });

  it("recycles one worker at a time", () => {
    const events = EVENTS.filter((event) => event !== "reload");
    const check = (run: Run) => {
      assert.ok(replacing(run).length <= 1, run.where());
    };
    simulate(events, () => {}, check);
  });

  it("never has two starting workers of a generation in one slot", () => {
    const check = ({ pool, where }: Run) => {
      const names = pool.in("starting").map(({ slot, generation }) => {
        return `${slot}.${generation}`;
      });
      assert.equal(new Set(names).size, names.length, where());
    };
    simulate(EVENTS, () => {}, check);
  });

  it("has one worker of a generation that is on trial", () => {
    const check = ({ pool, where }: Run) => {
      const { canary } = pool.goal;
      const there = [...pool.in("starting"), ...pool.in("ready")];
      const canaries = there.filter(({ generation }) => generation === canary);
      assert.ok(canaries.length <= 1, where());
    };
    simulate(EVENTS, () => {}, check);
  });

  it("never has many more processes than workers that serve", () => {
    const events: readonly SimulatedEvent[] = ["reload", "reload", "scaleUp"];
    const check = ({ pool, where }: Run) => {
      const dismissed = pool.in("draining").filter(({ readyAt }) => {
        return readyAt === undefined;
      });
      assert.ok(dismissed.length <= 3 * MAX_TARGET + 5, where());
    };
    simulate([...EVENTS, ...events], () => {}, check);
    simulate(events, () => {}, check);
  });

  it("settles soon, and with few forks, once starts succeed", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { pool } = disturbedPool(seed);
      const forksBefore = pool.forkCount;
      const { target } = pool.goal;
      const rounds = pool.settle(roundsFor(MAX_TARGET));
      assert.notEqual(rounds, undefined, `seed ${seed}`);
      assert.equal(pool.generations.rollout, undefined, `seed ${seed}`);
      assert.equal(pool.in("ready").length, pool.goal.target, `seed ${seed}`);
      assert.equal(pool.in("starting").length, 0, `seed ${seed}`);
      const forks = pool.forkCount - forksBefore;
      const most = Math.max(target, pool.goal.target);
      // Each slot once, the canary, and one that it may have to repeat.
      assert.ok(forks <= 2 * most + 1, `seed ${seed}: ${forks} forks`);
    }
  });

  it("gets over a bad generation with a single fork of it", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { pool } = disturbedPool(seed);
      pool.settle(roundsFor(MAX_TARGET));
      const ready = pool.in("ready").map(({ slot }) => slot);
      const { current } = pool.generations;
      pool.happen("reload");
      const bad = pool.generations.current;
      const rounds = pool.settle(roundsFor(MAX_TARGET), bad);
      assert.notEqual(rounds, undefined, `seed ${seed}`);
      assert.equal(pool.forks.get(bad), 1, `seed ${seed}`);
      assert.equal(pool.generations.current, current, `seed ${seed}`);
      const after = pool.in("ready").map(({ slot }) => slot);
      assert.deepEqual(after.sort(), ready.sort(), `seed ${seed}`);
    }
  });

  it("returns to one generation, whenever a roll fails", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { pool, random } = disturbedPool(seed);
      pool.settle(roundsFor(MAX_TARGET));
      pool.happen("reload");
      const { rollout } = pool.generations;
      assert.ok(rollout, `seed ${seed}`);
      const okCount = Math.floor(random() * 4);
      for (let count = 0; count < okCount; count++) {
        pool.happen("ready");
        pool.happen("wait");
      }
      pool.happen(random() < 0.5 ? "crash" : "startFailure");
      const isReturning = pool.generations.rollout?.phase === "returning";
      const rounds = pool.settle(roundsFor(MAX_TARGET));
      assert.notEqual(rounds, undefined, `seed ${seed}`);
      const { current } = pool.generations;
      if (isReturning) assert.equal(current, rollout.previous.generation);
      for (const { generation } of pool.in("ready")) {
        assert.equal(generation, current, `seed ${seed}`);
      }
    }
  });
});

/** One that much has happened to. */
function disturbedPool(seed: number) {
  const random = seededRandom(seed);
  const pool = new PoolSimulation(1 + (seed % 4), random);
  for (let count = 0; count < seed; count++) {
    const event = EVENTS[Math.floor(random() * EVENTS.length)];
    pool.happen(event ?? "wait");
  }
  return { pool, random };
}

describe("a pool that reloads, and whose ready workers do not die", () => {
  const events: readonly SimulatedEvent[] = [
    "ready",
    "ready",
    "startFailure",
    "leave",
    "retire",
    "reload",
    "wait",
  ];

  it("never has fewer ready workers than it shall have", () => {
    const prepare = ({ pool, where }: Run) => {
      assert.notEqual(pool.settle(4), undefined, where());
    };
    const check = ({ pool, target, where }: Run) => {
      assert.ok(pool.in("ready").length >= target, where());
    };
    simulate(events, prepare, check);
  });

  it("has few workers over, besides those that drain", () => {
    const prepare = ({ pool }: Run) => {
      pool.settle(4);
    };
    const check = ({ pool, target, where }: Run) => {
      const staying = pool.in("ready").length + pool.in("starting").length;
      const canary = 1;
      assert.ok(staying <= target + MAX_SURGE + canary, where());
    };
    simulate(events, prepare, check);
  });
});
