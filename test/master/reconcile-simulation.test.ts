import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WorkerView } from "../../src/master/worker-state.ts";
import { seededRandom } from "../support/seeded-random.ts";
import {
  EVENTS,
  HerdSimulation,
  MAX_SURGE,
  MAX_TARGET,
  type SimulatedEvent,
} from "./herd-simulation.ts";

const SEEDS = 150;
const EVENTS_PER_SEED = 200;

interface Run {
  readonly herd: HerdSimulation;
  readonly target: number;
  /** Completes a message: where it went wrong. */
  readonly where: () => string;
}

/** Runs chance's events in many herds; `check` looks after each. */
function simulate(
  events: readonly SimulatedEvent[],
  prepare: (run: Run) => void,
  check: (run: Run) => void,
): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const target = 1 + Math.floor(random() * 4);
    const herd = new HerdSimulation(target, random);
    const past: string[] = [];
    const where = () => `seed ${seed}, after ${past.slice(-12).join(" ")}`;
    const run = { herd, target, where };
    prepare(run);
    for (let count = 0; count < EVENTS_PER_SEED; count++) {
      const event = events[Math.floor(random() * events.length)];
      assert.ok(event);
      past.push(event);
      herd.happen(event);
      check(run);
    }
  }
}

function slotsOf(workers: readonly WorkerView[]): Set<number> {
  const ready = workers.filter(({ state }) => state === "ready");
  return new Set(ready.map(({ slot }) => slot));
}

/** Those that start beside a ready one, but for a canary. */
function replacing({ herd }: Run): WorkerView[] {
  const served = slotsOf(herd.in("ready"));
  return herd.in("starting").filter(({ slot, generation }) => {
    return served.has(slot) && generation !== herd.goal.canary;
  });
}

/** Enough for any roll, the return from it, and the waits between. */
function roundsFor(target: number): number {
  return 3 * target + 10;
}

describe("reconciling a herd to which anything may happen", () => {
  it("never takes the last ready worker of a slot", () => {
    const prepare = ({ herd, where }: Run) => {
      herd.workersOfReload = () => 1 + (herd.forkCount % 5);
      herd.onSteps = (before, after) => {
        const left = slotsOf(after);
        for (const slot of slotsOf(before)) {
          const isWanted = slot <= herd.goal.target;
          assert.ok(!isWanted || left.has(slot), `slot ${slot}: ${where()}`);
        }
      };
    };
    simulate(EVENTS, prepare, () => {});
  });

  it("replaces no more workers at a time than the surge", () => {
    const check = (run: Run) => {
      const { herd, where } = run;
      const beside = replacing(run).length;
      // A later reload may ask for less than what is under way.
      const most = herd.generations.roll ? MAX_SURGE : herd.goal.surge;
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
    const check = ({ herd, where }: Run) => {
      const names = herd.in("starting").map(({ slot, generation }) => {
        return `${slot}.${generation}`;
      });
      assert.equal(new Set(names).size, names.length, where());
    };
    simulate(EVENTS, () => {}, check);
  });

  it("has one worker of a generation that is on trial", () => {
    const check = ({ herd, where }: Run) => {
      const { canary } = herd.goal;
      const there = [...herd.in("starting"), ...herd.in("ready")];
      const canaries = there.filter(({ generation }) => generation === canary);
      assert.ok(canaries.length <= 1, where());
    };
    simulate(EVENTS, () => {}, check);
  });

  it("never has many more processes than workers that serve", () => {
    const events: readonly SimulatedEvent[] = ["reload", "reload", "scaleUp"];
    const check = ({ herd, where }: Run) => {
      const dismissed = herd.in("draining").filter(({ readyAt }) => {
        return readyAt === undefined;
      });
      assert.ok(dismissed.length <= 3 * MAX_TARGET + 5, where());
    };
    simulate([...EVENTS, ...events], () => {}, check);
    simulate(events, () => {}, check);
  });

  it("settles soon, and with few forks, once starts succeed", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { herd } = troubledHerd(seed);
      const forksBefore = herd.forkCount;
      const { target } = herd.goal;
      const rounds = herd.settle(roundsFor(MAX_TARGET));
      assert.notEqual(rounds, undefined, `seed ${seed}`);
      assert.equal(herd.generations.roll, undefined, `seed ${seed}`);
      assert.equal(herd.in("ready").length, herd.goal.target, `seed ${seed}`);
      assert.equal(herd.in("starting").length, 0, `seed ${seed}`);
      const forks = herd.forkCount - forksBefore;
      const most = Math.max(target, herd.goal.target);
      // Each slot once, the canary, and one that it may have to repeat.
      assert.ok(forks <= 2 * most + 1, `seed ${seed}: ${forks} forks`);
    }
  });

  it("gets over a bad generation with a single fork of it", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { herd } = troubledHerd(seed);
      herd.settle(roundsFor(MAX_TARGET));
      const ready = herd.in("ready").map(({ slot }) => slot);
      const { current } = herd.generations;
      herd.happen("reload");
      const bad = herd.generations.current;
      const rounds = herd.settle(roundsFor(MAX_TARGET), bad);
      assert.notEqual(rounds, undefined, `seed ${seed}`);
      assert.equal(herd.forks.get(bad), 1, `seed ${seed}`);
      assert.equal(herd.generations.current, current, `seed ${seed}`);
      const after = herd.in("ready").map(({ slot }) => slot);
      assert.deepEqual(after.sort(), ready.sort(), `seed ${seed}`);
    }
  });

  it("returns to one generation, whenever a roll fails", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { herd, random } = troubledHerd(seed);
      herd.settle(roundsFor(MAX_TARGET));
      herd.happen("reload");
      const { roll } = herd.generations;
      assert.ok(roll, `seed ${seed}`);
      const okCount = Math.floor(random() * 4);
      for (let count = 0; count < okCount; count++) {
        herd.happen("ready");
        herd.happen("wait");
      }
      herd.happen(random() < 0.5 ? "crash" : "startFailure");
      const isReturning = herd.generations.roll?.phase === "returning";
      const rounds = herd.settle(roundsFor(MAX_TARGET));
      assert.notEqual(rounds, undefined, `seed ${seed}`);
      const { current } = herd.generations;
      if (isReturning) assert.equal(current, roll.previous.generation);
      for (const { generation } of herd.in("ready")) {
        assert.equal(generation, current, `seed ${seed}`);
      }
    }
  });
});

/** One that much has happened to. */
function troubledHerd(seed: number) {
  const random = seededRandom(seed);
  const herd = new HerdSimulation(1 + (seed % 4), random);
  for (let count = 0; count < seed; count++) {
    const event = EVENTS[Math.floor(random() * EVENTS.length)];
    herd.happen(event ?? "wait");
  }
  return { herd, random };
}

describe("a herd that reloads, and whose ready workers do not die", () => {
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
    const prepare = ({ herd, where }: Run) => {
      assert.notEqual(herd.settle(4), undefined, where());
    };
    const check = ({ herd, target, where }: Run) => {
      assert.ok(herd.in("ready").length >= target, where());
    };
    simulate(events, prepare, check);
  });

  it("has few workers over, besides those that drain", () => {
    const prepare = ({ herd }: Run) => {
      herd.settle(4);
    };
    const check = ({ herd, target, where }: Run) => {
      const staying = herd.in("ready").length + herd.in("starting").length;
      const canary = 1;
      assert.ok(staying <= target + MAX_SURGE + canary, where());
    };
    simulate(events, prepare, check);
  });
});
