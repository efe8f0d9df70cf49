import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type AutoscaleRules,
  decide,
  type LoadMemory,
  NOTHING_SEEN,
  remember,
} from "../../../../src/master/supervisor/scaling/autoscale.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

const LOOK_MS = 500;
/** Time from the fork of a worker until it is ready. */
const START_MS = 1_500;

const marks = {
  upUtilization: 0.75,
  downUtilization: 0.5,
  upAfterMs: 5_000,
  downAfterMs: 60_000,
};
const rules: AutoscaleRules = { min: 1, max: 8, marks };

/** The utilization that a number of workers shows at a moment. */
type Load = (atMs: number, workers: number) => number;

interface Simulated {
  /** Number of workers at first, and after each change. */
  readonly numbers: readonly number[];
  /** Times of the changes. */
  readonly changedAtMs: readonly number[];
}

/** Simulates a pool with the given load for the given time. */
function simulate(
  load: Load,
  {
    seconds,
    start = 1,
    with: given = rules,
  }: {
    seconds: number;
    start?: number;
    with?: AutoscaleRules;
  },
): Simulated {
  const numbers = [start];
  const changedAtMs: number[] = [];
  let memory: LoadMemory = NOTHING_SEEN;
  let workers = start;
  for (let at = 0; at < seconds * 1_000; at += LOOK_MS) {
    if (at - (changedAtMs.at(-1) ?? -START_MS) < START_MS) continue;
    const utilization = Math.min(1, load(at, workers));
    const sample = { at, utilization, isComplete: true };
    memory = remember(memory, sample, { workers, rules: given });
    const decision = decide(memory, workers, given);
    if (!decision) continue;
    workers = decision.workers;
    memory = NOTHING_SEEN;
    numbers.push(workers);
    changedAtMs.push(at);
  }
  return { numbers, changedAtMs };
}

/** A load that is spread evenly; 1 keeps one worker busy. */
const even =
  (total: number): Load =>
  (_, workers) =>
    total / workers;

describe("the number of workers grows", () => {
  it("after the mean was over the mark for its time, not before", () => {
    const { numbers, changedAtMs } = simulate(even(0.9), { seconds: 20 });
    assert.deepEqual(numbers, [1, 2]);
    assert.deepEqual(changedAtMs, [5_000]);
  });

  it("to what would be at the mark, step by step where loops are full", () => {
    const { numbers } = simulate(even(7), { seconds: 60 });
    assert.deepEqual(numbers, [1, 2, 3, 4, 6, 8]);
  });

  it("to the maximum and no further", () => {
    const { numbers } = simulate(even(100), { seconds: 600 });
    assert.equal(numbers.at(-1), 8);
  });

  it("not for a moment of much load", () => {
    const burst: Load = (at) => (at % 20_000 < 2_000 ? 1 : 0.6);
    assert.deepEqual(simulate(burst, { seconds: 300 }).numbers, [1]);
  });

  it("not for one worker that is busy beside idle ones", () => {
    const poor: Load = (_, workers) => 1 / workers;
    const { numbers } = simulate(poor, { seconds: 300, start: 2 });
    assert.deepEqual(numbers, [2]);
  });
});

describe("the number of workers shrinks", () => {
  it("one by one, each after the whole time again", () => {
    const { numbers, changedAtMs } = simulate(even(0), {
      seconds: 300,
      start: 4,
    });
    assert.deepEqual(numbers, [4, 3, 2, 1]);
    const [first = 0, second = 0] = changedAtMs;
    assert.equal(first, 65_000);
    assert.ok(second - first >= 65_000);
  });

  it("to the minimum and no further", () => {
    const given = { ...rules, min: 3 };
    const { numbers } = simulate(even(0), {
      seconds: 900,
      start: 6,
      with: given,
    });
    assert.equal(numbers.at(-1), 3);
  });

  it("only where those that remain would be below the mark", () => {
    const seconds = 600;
    assert.deepEqual(simulate(even(0.55), { seconds, start: 2 }).numbers, [2]);
    const { numbers } = simulate(even(0.45), { seconds, start: 2 });
    assert.deepEqual(numbers, [2, 1]);
  });

  it("not where load comes back within the time", () => {
    const hourly: Load = (at) => (at % 50_000 < 10_000 ? 0.6 : 0);
    const { numbers } = simulate(hourly, { seconds: 900, start: 2 });
    assert.deepEqual(numbers, [2]);
  });

  it("not while a ready worker is not heard of", () => {
    let memory = NOTHING_SEEN;
    for (let at = 0; at <= 120_000; at += LOOK_MS) {
      const sample = { at, utilization: 0, isComplete: false };
      memory = remember(memory, sample, { workers: 2, rules });
    }
    assert.equal(decide(memory, 2, rules), undefined);
  });
});

describe("what was seen", () => {
  it("before a gap does not count", () => {
    let memory = NOTHING_SEEN;
    for (const at of [0, 1_000, 2_000, 3_000, 9_000, 10_000]) {
      const sample = { at, utilization: 1, isComplete: true };
      memory = remember(memory, sample, { workers: 1, rules });
    }
    assert.equal(memory.samples.length, 2);
    assert.equal(decide(memory, 1, rules), undefined);
  });

  it("takes bounded memory", () => {
    let memory = NOTHING_SEEN;
    for (let at = 0; at < 3_600_000; at += LOOK_MS) {
      const sample = { at, utilization: 0.6, isComplete: true };
      memory = remember(memory, sample, { workers: 1, rules });
    }
    assert.ok(memory.samples.length <= 5_000 / LOOK_MS + 2);
  });
});

const anyRules = fc
  .record({
    min: fc.integer({ min: 1, max: 6 }),
    more: fc.integer({ min: 1, max: 30 }),
    up: fc.double({ min: 0.2, max: 0.95, noNaN: true }),
    ratio: fc.double({ min: 0.1, max: 0.8, noNaN: true }),
  })
  .map(({ min, more, up, ratio }) => ({
    min,
    max: min + more,
    marks: {
      ...marks,
      upUtilization: up,
      downUtilization: up * ratio,
    },
  }));
const anyTotal = fc.double({ min: 0, max: 40, noNaN: true });

/** Enough time to scale from one bound to the other. */
const LONG_SECONDS = 3_600;

function isMonotone(numbers: readonly number[]): boolean {
  const steps = numbers.slice(1).map((to, at) => to - (numbers[at] ?? 0));
  return steps.every((by) => by > 0) || steps.every((by) => by < 0);
}

describe("a load that stays as it is", () => {
  it("is settled to in one direction, and then nothing changes", () => {
    const property = fc.property(
      anyRules,
      anyTotal,
      fc.nat(30),
      (with_, total, n) => {
        const start = Math.min(with_.max, with_.min + n);
        const options = { seconds: LONG_SECONDS, start, with: with_ };
        const { numbers, changedAtMs } = simulate(even(total), options);
        assert.ok(isMonotone(numbers), numbers.join(" → "));
        assert.ok((changedAtMs.at(-1) ?? 0) < LONG_SECONDS * 900);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it("is settled to in one direction too where it trembles by a tenth", () => {
    const property = fc.property(
      anyRules,
      anyTotal,
      fc.nat(30),
      fc.nat(),
      (with_, total, n, seed) => {
        const random = seededRandom(seed);
        const start = Math.min(with_.max, with_.min + n);
        const options = { seconds: LONG_SECONDS, start, with: with_ };
        const load: Load = (_, workers) =>
          Math.min(1, total / workers) * (0.9 + 0.2 * random());
        const { numbers } = simulate(load, options);
        assert.ok(isMonotone(numbers), numbers.join(" → "));
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it("is settled to where connections stay with their workers", () => {
    const anyLoads = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), {
      minLength: 1,
      maxLength: 40,
    });
    const property = fc.property(anyRules, anyLoads, (with_, loads) => {
      const pool = new PinnedConnections(loads, with_.min);
      const { changedAtMs } = simulate(
        (_, workers) => pool.utilization(workers),
        { seconds: LONG_SECONDS, start: with_.min, with: with_ },
      );
      assert.ok((changedAtMs.at(-1) ?? 0) < LONG_SECONDS * 900);
    });
    fc.assert(property, { numRuns: 200 });
  });
});

/** Connections that move only when their worker leaves. */
class PinnedConnections {
  #ofWorker: number[][] = [];

  constructor(loads: readonly number[], workers: number) {
    this.#ofWorker = Array.from({ length: workers }, () => []);
    for (const load of loads) this.#give(load);
  }

  utilization(workers: number): number {
    while (this.#ofWorker.length < workers) this.#ofWorker.push([]);
    while (this.#ofWorker.length > workers) {
      for (const load of this.#ofWorker.pop() ?? []) this.#give(load);
    }
    const each = this.#ofWorker.map((loads) => {
      return Math.min(
        1,
        loads.reduce((sum, load) => sum + load, 0),
      );
    });
    return each.reduce((sum, one) => sum + one, 0) / workers;
  }

  #give(load: number): void {
    const fewest = Math.min(...this.#ofWorker.map(({ length }) => length));
    this.#ofWorker.find(({ length }) => length === fewest)?.push(load);
  }
}
