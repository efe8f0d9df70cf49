import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WorkerView } from "../../src/master/worker-state.ts";
import { seededRandom } from "../support/seeded-random.ts";
import {
  EVENTS,
  HerdSimulation,
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

describe("reconciling a herd to which anything may happen", () => {
  it("never takes the last ready worker of a slot", () => {
    const prepare = ({ herd, where }: Run) => {
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

  it("replaces at most one ready worker at a time", () => {
    const check = ({ herd, where }: Run) => {
      const served = slotsOf(herd.in("ready"));
      const beside = herd.in("starting").filter(({ slot }) => served.has(slot));
      assert.ok(beside.length <= 1, where());
    };
    simulate(EVENTS, () => {}, check);
  });

  it("never has two starting workers in one slot", () => {
    const check = ({ herd, where }: Run) => {
      const slots = herd.in("starting").map(({ slot }) => slot);
      assert.equal(new Set(slots).size, slots.length, where());
    };
    simulate(EVENTS, () => {}, check);
  });

  it("settles in a bounded number of rounds once starts succeed", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seededRandom(seed);
      const herd = new HerdSimulation(1 + (seed % 4), random);
      for (let count = 0; count < seed; count++) {
        const event = EVENTS[Math.floor(random() * EVENTS.length)];
        herd.happen(event ?? "wait");
      }
      const { target } = herd.goal;
      const rounds = herd.settle(2 * target + 4);
      assert.notEqual(rounds, undefined, `seed ${seed}`);
      assert.equal(herd.in("ready").length, target, `seed ${seed}`);
      assert.equal(herd.in("starting").length, 0, `seed ${seed}`);
    }
  });
});

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

  it("never has more than one worker over, besides those that drain", () => {
    const prepare = ({ herd }: Run) => {
      herd.settle(4);
    };
    const check = ({ herd, target, where }: Run) => {
      const staying = herd.in("ready").length + herd.in("starting").length;
      assert.ok(staying <= target + 1, where());
    };
    simulate(events, prepare, check);
  });
});
