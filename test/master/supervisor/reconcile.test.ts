import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isSettled,
  nextSteps,
  type PoolGoal,
} from "../../../src/master/supervisor/reconcile.ts";
import type { WorkerView } from "../../../src/master/supervisor/workers/worker-state.ts";
import { textsOf, viewOf } from "./worker-views.ts";

const NOW = 1_000;

function goalOf(given: Partial<PoolGoal> = {}): PoolGoal {
  return { target: 2, generation: 1, notBefore: new Map(), ...given };
}

function steps(workers: WorkerView[], given: Partial<PoolGoal> = {}): string[] {
  return textsOf(nextSteps(workers, goalOf(given), NOW));
}

const old = { generation: 1 };
const fresh = { generation: 2 };

describe("missing workers", () => {
  it("are forked, all at once", () => {
    assert.deepEqual(steps([]), ["fork 1", "fork 2"]);
    assert.deepEqual(steps([viewOf(1, "ready")]), ["fork 2"]);
  });

  it("are not forked where one is starting", () => {
    assert.deepEqual(steps([viewOf(1, "starting"), viewOf(2, "ready")]), []);
  });

  it("are forked where one is draining or gone", () => {
    const workers = [viewOf(1, "draining"), viewOf(2, "gone")];
    assert.deepEqual(steps(workers), ["fork 1", "fork 2"]);
  });

  it("are not forked in a slot that must wait", () => {
    const notBefore = new Map([[1, NOW + 1]]);
    assert.deepEqual(steps([], { notBefore }), ["fork 2"]);
  });

  it("are forked once a slot has waited", () => {
    const notBefore = new Map([[1, NOW]]);
    assert.deepEqual(steps([], { notBefore }), ["fork 1", "fork 2"]);
  });
});

describe("slots over the target", () => {
  it("are drained, whatever their workers do", () => {
    const workers = [1, 2, 3, 4].map((slot) => {
      return viewOf(slot, slot === 4 ? "starting" : "ready");
    });
    assert.deepEqual(steps(workers), ["drain 3.1", "drain 4.1"]);
    assert.deepEqual(steps(workers, { target: 0 }).length, 4);
  });

  it("may be spared for a while: none is added, none drained", () => {
    const workers = [1, 2, 4, 5].map((slot) => viewOf(slot, "ready"));
    assert.deepEqual(steps(workers, { spared: 4 }), ["drain 5.1"]);
    const goal = { spared: 4, generation: 2 };
    assert.deepEqual(steps(workers, goal), ["drain 5.1", "fork 1"]);
  });

  it("are left alone where they drain already", () => {
    const workers = [1, 2].map((slot) => viewOf(slot, "ready"));
    assert.deepEqual(steps([...workers, viewOf(3, "draining")]), []);
  });
});

describe("a rolling restart", () => {
  const goal = { generation: 2 };

  it("starts one new worker beside the first old one", () => {
    const workers = [viewOf(1, "ready", old), viewOf(2, "ready", old)];
    assert.deepEqual(steps(workers, goal), ["fork 1"]);
  });

  it("waits while that one starts", () => {
    const workers = [
      viewOf(1, "ready", old),
      viewOf(2, "ready", old),
      viewOf(1, "starting", fresh),
    ];
    assert.deepEqual(steps(workers, goal), []);
  });

  it("drains an old worker once its replacement is ready, and goes on", () => {
    const workers = [
      viewOf(1, "ready", old),
      viewOf(2, "ready", old),
      viewOf(1, "ready", fresh),
    ];
    assert.deepEqual(steps(workers, goal), ["drain 1.1", "fork 2"]);
  });

  it("does not wait for the old one to leave", () => {
    const workers = [
      viewOf(1, "draining", old),
      viewOf(2, "ready", old),
      viewOf(1, "ready", fresh),
    ];
    assert.deepEqual(steps(workers, goal), ["fork 2"]);
  });

  it("fills empty slots with new workers meanwhile", () => {
    const workers = [viewOf(1, "ready", old)];
    assert.deepEqual(steps(workers, goal), ["fork 1", "fork 2"]);
    const filling = [viewOf(2, "ready", old), viewOf(1, "starting", fresh)];
    assert.deepEqual(steps(filling, goal), ["fork 2"]);
  });

  it("skips a slot that must wait for the next one", () => {
    const workers = [viewOf(1, "ready", old), viewOf(2, "ready", old)];
    const notBefore = new Map([[1, NOW + 1]]);
    assert.deepEqual(steps(workers, { ...goal, notBefore }), ["fork 2"]);
  });

  it("dismisses workers that started too late for it", () => {
    const workers = [viewOf(1, "starting", old), viewOf(2, "ready", old)];
    const [first, ...more] = steps(workers, goal);
    assert.equal(first, "drain 1.1");
    assert.ok(more.includes("fork 1"), "nobody else serves slot 1");
  });

  it("that another one overtakes dismisses its starting worker", () => {
    const workers = [
      viewOf(1, "ready", { generation: 2 }),
      viewOf(2, "ready", { generation: 1 }),
      viewOf(2, "starting", { generation: 2 }),
    ];
    assert.deepEqual(steps(workers, { generation: 3 })[0], "drain 2.2");
    workers[2] = viewOf(2, "draining", { generation: 2 });
    assert.deepEqual(steps(workers, { generation: 3 }), ["fork 1"]);
  });

  it("that failed brings the generation before back, new ones first", () => {
    const workers = [
      viewOf(1, "ready", { generation: 2 }),
      viewOf(2, "ready", { generation: 1 }),
      viewOf(2, "starting", { generation: 2 }),
    ];
    const goal = { generation: 1 };
    assert.deepEqual(steps(workers, goal), ["drain 2.2", "fork 1"]);
    workers[2] = viewOf(1, "starting", { generation: 1 });
    assert.deepEqual(steps(workers, goal), []);
    workers[2] = viewOf(1, "ready", { generation: 1 });
    assert.deepEqual(steps(workers, goal), ["drain 1.2"]);
  });

  it("that failed leaves slots alone that are excused", () => {
    const goal = { generation: 1, excused: new Set([1]) };
    const workers = [
      viewOf(1, "ready", { generation: 2 }),
      viewOf(2, "ready", { generation: 1 }),
    ];
    assert.deepEqual(steps(workers, goal), []);
    assert.equal(isSettled(workers, goalOf(goal)), true);
    assert.deepEqual(steps(workers.slice(1), goal), ["fork 1"]);
  });

  it("after one that failed replaces all generations", () => {
    const workers = [
      viewOf(1, "ready", { generation: 2 }),
      viewOf(2, "ready", { generation: 1 }),
    ];
    assert.deepEqual(steps(workers, { generation: 3 }), ["fork 1"]);
    workers.push(viewOf(1, "ready", { generation: 3 }));
    const next = steps(workers, { generation: 3 });
    assert.deepEqual(next, ["drain 1.2", "fork 2"]);
  });

  it("drains all old workers of a slot", () => {
    const workers = [
      viewOf(1, "ready", { generation: 1 }),
      viewOf(1, "ready", { generation: 2 }),
      viewOf(1, "ready", { generation: 3 }),
    ];
    const goal = { target: 1, generation: 3 };
    assert.deepEqual(steps(workers, goal), ["drain 1.1", "drain 1.2"]);
  });
});

describe("reloads that come very often", () => {
  it("start nobody while many that they dismissed are leaving", () => {
    const olds = [viewOf(1, "ready", old), viewOf(2, "ready", old)];
    const leaving = Array.from({ length: 6 }, () => viewOf(1, "draining"));
    const goal = { generation: 1, canary: 9 };
    assert.deepEqual(steps([...olds, ...leaving], goal), ["fork 1"]);
    const more = [...olds, ...leaving, viewOf(1, "draining")];
    assert.deepEqual(steps(more, goal), []);
    const served = leaving.map((each) => ({ ...each, readyAt: 1 }));
    const drained = [...olds, ...served, viewOf(1, "draining")];
    assert.deepEqual(steps(drained, goal), ["fork 1"]);
  });
});

describe("a rolling restart with a surge", () => {
  const goal = { target: 4, generation: 2, surge: 2 };
  const olds = [1, 2, 3, 4].map((slot) => viewOf(slot, "ready", old));

  it("starts so many new workers at a time", () => {
    assert.deepEqual(steps(olds, goal), ["fork 1", "fork 2"]);
    const starting = [...olds, viewOf(2, "starting", fresh)];
    assert.deepEqual(steps(starting, goal), ["fork 1"]);
  });

  it("goes on as soon as one is ready", () => {
    const workers = [
      ...olds,
      viewOf(1, "starting", fresh),
      viewOf(2, "ready", fresh),
    ];
    assert.deepEqual(steps(workers, goal), ["drain 2.1", "fork 3"]);
  });

  it("starts no more than there are slots", () => {
    const all = ["fork 1", "fork 2", "fork 3", "fork 4"];
    assert.deepEqual(steps(olds, { ...goal, surge: 9 }), all);
  });

  it("lets who is to be recycled wait for it", () => {
    const workers = [
      viewOf(1, "ready", { ...fresh, wantsToRetire: true }),
      viewOf(2, "ready", old),
    ];
    const two = { target: 2, generation: 2, surge: 2 };
    assert.deepEqual(steps(workers, two), ["fork 2"]);
    workers.push(viewOf(2, "starting", fresh));
    assert.deepEqual(steps(workers, two), []);
    workers[2] = viewOf(2, "ready", fresh);
    assert.deepEqual(steps(workers, two), ["drain 2.1", "fork 1"]);
  });
});

describe("a canary", () => {
  const goal = { generation: 1, canary: 2, surge: 2 };
  const olds = [1, 2].map((slot) => viewOf(slot, "ready", old));

  it("is one worker more, whatever the surge", () => {
    assert.deepEqual(steps(olds, goal), ["fork 1"]);
    const starting = [...olds, viewOf(1, "starting", fresh)];
    assert.deepEqual(steps(starting, goal), []);
  });

  it("takes nobody's place while it is on trial", () => {
    assert.deepEqual(steps([...olds, viewOf(1, "ready", fresh)], goal), []);
  });

  it("is put where nobody is, if there is such a slot", () => {
    const workers = olds.slice(0, 1);
    assert.deepEqual(steps(workers, goal), ["fork 2", "fork 2"]);
    const notBefore = new Map([[2, NOW + 1]]);
    assert.deepEqual(steps(workers, { ...goal, notBefore }), ["fork 2"]);
  });

  it("leaves the others' crashes and retirements as they ever are", () => {
    const workers = [
      viewOf(1, "ready", { ...old, wantsToRetire: true }),
      viewOf(2, "ready", old),
      viewOf(1, "ready", fresh),
    ];
    assert.deepEqual(steps(workers, goal), ["fork 1"]);
    workers.push(viewOf(1, "ready", old));
    assert.deepEqual(steps(workers, goal), ["drain 1.1"]);
  });

  it("that has passed is the first that is replaced", () => {
    const workers = [...olds, viewOf(1, "ready", fresh)];
    const passed = { generation: 2, surge: 2 };
    assert.deepEqual(steps(workers, passed), ["drain 1.1", "fork 2"]);
  });

  it("that has failed goes, and costs nothing", () => {
    const workers = [...olds, viewOf(1, "ready", fresh)];
    assert.deepEqual(steps(workers, { generation: 1 }), ["drain 1.2"]);
  });

  it("that another one overtakes goes, and others serve meanwhile", () => {
    const next = { generation: 1, canary: 3 };
    const starting = [...olds, viewOf(1, "starting", fresh)];
    assert.deepEqual(steps(starting, next), ["drain 1.2", "fork 1"]);
    const replaced = [viewOf(1, "ready", fresh), viewOf(2, "ready", old)];
    assert.deepEqual(steps(replaced, next), ["fork 1"]);
    const ready = [...olds, viewOf(1, "ready", fresh)];
    assert.deepEqual(steps(ready, next), ["drain 1.2", "fork 1"]);
  });

  it("that many overtake leaves one ready worker in its slot", () => {
    const workers = [3, 2, 4].map((generation) => {
      return viewOf(1, "ready", { generation });
    });
    const next = { target: 1, generation: 1, canary: 5 };
    assert.deepEqual(steps(workers, next), [
      "drain 1.3",
      "drain 1.4",
      "fork 1",
    ]);
  });
});

describe("a worker that wants to retire", () => {
  const retiring = { wantsToRetire: true };

  it("is replaced, the new one first", () => {
    const workers = [viewOf(1, "ready", retiring), viewOf(2, "ready")];
    assert.deepEqual(steps(workers), ["fork 1"]);
    workers.push(viewOf(1, "starting"));
    assert.deepEqual(steps(workers), []);
    workers[2] = viewOf(1, "ready");
    assert.deepEqual(steps(workers), ["drain 1.1"]);
  });

  it("takes its turn where others do too", () => {
    const workers = [1, 2].map((slot) => viewOf(slot, "ready", retiring));
    assert.deepEqual(steps(workers), ["fork 1"]);
  });

  it("is let go at once before it is ready", () => {
    const workers = [viewOf(1, "starting", retiring), viewOf(2, "ready")];
    assert.deepEqual(steps(workers), ["drain 1.1", "fork 1"]);
  });
});

describe("a pool is settled", () => {
  const settled = (workers: WorkerView[], given: Partial<PoolGoal> = {}) => {
    return isSettled(workers, goalOf(given));
  };

  it("when every slot has a ready worker of the generation", () => {
    const workers = [viewOf(1, "ready", fresh), viewOf(2, "ready", fresh)];
    assert.equal(settled(workers, { generation: 2 }), true);
  });

  it("also while old ones drain", () => {
    const workers = [
      viewOf(1, "draining", old),
      viewOf(1, "ready", fresh),
      viewOf(2, "ready", fresh),
    ];
    assert.equal(settled(workers, { generation: 2 }), true);
  });

  it("not while one is missing, starting, draining, late or retiring", () => {
    const others: WorkerView[][] = [
      [],
      [viewOf(2, "starting", fresh)],
      [viewOf(2, "draining", fresh)],
      [viewOf(2, "ready", old)],
      [viewOf(2, "ready", { ...fresh, wantsToRetire: true })],
    ];
    for (const other of others) {
      const workers = [viewOf(1, "ready", fresh), ...other];
      assert.equal(settled(workers, { generation: 2 }), false);
    }
  });

  it("not with newer workers, after a restart that failed", () => {
    const workers = [viewOf(1, "ready", fresh), viewOf(2, "ready", old)];
    assert.equal(settled(workers, { generation: 1 }), false);
  });

  it("not while a canary is on trial", () => {
    const workers = [viewOf(1, "ready", old), viewOf(2, "ready", old)];
    assert.equal(settled(workers, { generation: 1, canary: 2 }), false);
  });
});
